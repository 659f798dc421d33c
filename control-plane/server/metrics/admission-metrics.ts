// How long admission takes: as a whole, plugin by plugin, webhook by webhook, and what policies found.
import type { AdmissionTimer, Observe, Operation, Phase } from '../admission/admission.ts';
import { createCounter, createHistogram, quoted, type Histogram, type Series } from './series.ts';

/** Upper bounds in seconds: upstream's. */
const pluginBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
const webhookBounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
const policyBounds = [0.0000005, 0.001, 0.01, 0.1, 1];

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
export interface AdmissionMetrics extends Series, AdmissionTimer {
  webhook(call: WebhookCall, seconds: number): void;
  /** `action` is what follows: allow, deny, warn or audit. */
  policy(names: { readonly policy: string; readonly binding: string; readonly action: string }, seconds: number): void;
}

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

  /** The series of an operation are looked for once. */
  const observerOf = (histogram: Histogram, before: string, type: Phase): Observe => {
    const admitted = new Map<Operation, (seconds: number) => void>();
    const rejections = new Map<Operation, (seconds: number) => void>();
    return (operation, rejected, seconds) => {
      const known = rejected ? rejections : admitted;
      let observe = known.get(operation);
      if (observe === undefined) {
        observe = histogram.series(`${before}operation="${operation}",rejected="${rejected}",type="${type}"`);
        known.set(operation, observe);
      }
      observe(seconds);
    };
  };

  return {
    plugin: (phase, name) => observerOf(plugin, `name=${quoted(name)},`, phase),
    step: (phase) => observerOf(step, '', phase),
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
