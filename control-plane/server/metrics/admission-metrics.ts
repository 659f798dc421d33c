// How long admission takes: as a whole, plugin by plugin, webhook by webhook, and what policies found.
import type { Admission, AdmissionPlugin, AdmissionRequest, Operation } from '../admission/admission.ts';
import { createCounter, createHistogram, quoted, type Series } from './series.ts';

/** Upper bounds in seconds: upstream's. */
const pluginBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const webhookBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
const policyBounds = [0.0000005, 0.001, 0.01, 0.1, 1];

type Phase = 'admit' | 'validate';

/** One call of a webhook. */
export interface WebhookCall {
  readonly name: string;
  readonly operation: Operation;
  readonly type: 'admit' | 'validating';
  /** Whether it refused, or could not be asked and is not to be passed over. */
  readonly rejected: boolean;
  /** HTTP's code, 0 where there was no answer. */
  readonly code: number;
  /** It could not be asked, and was passed over. */
  readonly failedOpen: boolean;
}

/** Counters of admission. */
export interface AdmissionMetrics extends Series {
  /** The same plugins, each timed where it is concerned. */
  plugins(plugins: readonly AdmissionPlugin[]): AdmissionPlugin[];
  /** The same chain, its two steps timed. */
  steps(admission: Admission): Admission;
  webhook(call: WebhookCall, seconds: number): void;
  /** `action` is what follows: allow, deny, warn or audit. */
  policy(names: { readonly policy: string; readonly binding: string; readonly action: string }, seconds: number): void;
}

type Judge = (request: AdmissionRequest) => void | Promise<void>;

/** Fresh counters. */
export function createAdmissionMetrics(): AdmissionMetrics {
  const prefix = 'apiserver_admission_';
  const plugin = createHistogram(
    `${prefix}controller_admission_duration_seconds`,
    'Time of an admission plugin.',
    pluginBounds,
  );
  const step = createHistogram(
    `${prefix}step_admission_duration_seconds`,
    'Time of all plugins of a step.',
    pluginBounds,
  );
  const webhook = createHistogram(`${prefix}webhook_admission_duration_seconds`, 'Time of a webhook.', webhookBounds);
  const asked = createCounter(`${prefix}webhook_request_total`, 'Calls of webhooks.');
  const failedOpen = createCounter(`${prefix}webhook_fail_open_count`, 'Webhooks that failed and were passed over.');
  const policy = createHistogram(
    'apiserver_validating_admission_policy_check_duration_seconds',
    'Time of a policy, with its binding.',
    policyBounds,
  );
  const checks = createCounter('apiserver_validating_admission_policy_check_total', 'Policies asked.');

  /** Observes however it ends; what is done at once stays so. */
  const timed = (judge: Judge, observe: (seconds: number, operation: Operation, rejected: boolean) => void): Judge => {
    return (request) => {
      const begun = performance.now();
      const done = (rejected: boolean): void =>
        observe((performance.now() - begun) / 1000, request.operation, rejected);
      let outcome: void | Promise<void>;
      try {
        outcome = judge(request);
      } catch (error) {
        done(true);
        throw error;
      }
      if (outcome === undefined) return done(false);
      return outcome.then(
        () => done(false),
        (error: unknown) => {
          done(true);
          throw error;
        },
      );
    };
  };
  const labelled = (type: Phase, name?: string): ((operation: Operation, rejected: boolean) => string) => {
    const texts = new Map<string, string>();
    const before = name === undefined ? '' : `name=${quoted(name)},`;
    return (operation, rejected) => {
      const key = rejected ? `${operation} rejected` : operation;
      let text = texts.get(key);
      if (text === undefined)
        texts.set(key, (text = `${before}operation="${operation}",rejected="${rejected}",type="${type}"`));
      return text;
    };
  };
  const timedPlugin = (type: Phase, name: string, judge: Judge): Judge => {
    const labels = labelled(type, name);
    return timed(judge, (seconds, operation, rejected) => plugin.observe(labels(operation, rejected), seconds));
  };

  return {
    plugins: (plugins) =>
      plugins.map((one) => ({
        ...one,
        mutate: one.mutate && timedPlugin('admit', one.name, (request) => one.mutate?.(request)),
        validate: one.validate && timedPlugin('validate', one.name, (request) => one.validate?.(request)),
      })),
    steps(admission) {
      const timedStep = (type: Phase, judge: Judge): ((request: AdmissionRequest) => Promise<void>) => {
        const labels = labelled(type);
        const observed = timed(judge, (seconds, operation, rejected) =>
          step.observe(labels(operation, rejected), seconds),
        );
        return async (request) => observed(request);
      };
      return {
        ...admission,
        mutate: timedStep('admit', (request) => admission.mutate(request)),
        validate: timedStep('validate', (request) => admission.validate(request)),
      };
    },
    webhook({ name, operation, type, rejected, code, failedOpen: passed }, seconds) {
      const text = `name=${quoted(name)},operation="${operation}",rejected="${rejected}",type="${type}"`;
      webhook.observe(text, seconds);
      asked.add(`code="${code}",${text}`);
      if (passed) failedOpen.add(`name=${quoted(name)},type="${type}"`);
    },
    policy({ policy: name, binding, action }, seconds) {
      const text = `enforcement_action="${action}",policy=${quoted(name)},policy_binding=${quoted(binding)}`;
      policy.observe(text, seconds);
      checks.add(text);
    },
    format: () => [plugin, step, webhook, asked, failedOpen, policy, checks].map((one) => one.format()).join(''),
  };
}
