// Match conditions of webhooks: expressions that spare requests a call. Compiled once for each configuration.
import type { ValidatingWebhookConfiguration } from '../../../api/kinds/admissionregistration/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { internalError } from '../../../api/meta/status.ts';
import { duplicate, forbiddenField, type FieldError } from '../../../api/schema/field-error.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { compileParts, type CompiledParts } from '../admission/policies/compile.ts';
import { createCompiler, type Compiler } from '../admission/policies/compiler.ts';
import { conditionLimit, conditionsHold, createEvaluation, factsOf } from '../admission/policies/evaluation.ts';
import type { Webhook } from './webhook.ts';

const mostConditions = 64;

type Conditions = Webhook['hook']['matchConditions'];

/** Evaluates match conditions. */
export interface MatchConditions {
  /** Whether the webhook is to be called; throws an ApiError when that cannot be said and the webhook must not be passed by. */
  hold(webhook: Webhook, request: AdmissionRequest): Promise<boolean>;
}

/** Creates the evaluator. */
export function createMatchConditions(authorizer: Authorizer): MatchConditions {
  const compiled = new WeakMap<Webhook['hook'], CompiledParts>();
  return {
    async hold({ hook }, request) {
      if ((hook.matchConditions ?? []).length === 0) return true;
      let parts = compiled.get(hook);
      if (parts === undefined)
        compiled.set(hook, (parts = await conditionCompiler.prepare(hook.matchConditions ?? [])));
      const evaluation = createEvaluation(factsOf(request, undefined, authorizer), parts, undefined, conditionLimit);
      try {
        return await conditionsHold(evaluation, parts.conditions);
      } catch (cause) {
        if (hook.failurePolicy === 'Ignore') return false;
        throw internalError(
          `failed calling webhook ${JSON.stringify(hook.name)}: its match conditions could not be evaluated: ${(cause as Error).message}`,
          { cause },
        );
      }
    },
  };
}

const conditionCompiler: Compiler<NonNullable<Conditions>, CompiledParts> = createCompiler(
  (conditions) => conditions,
  (matchConditions, progress) => compileParts({ matchConditions, variables: [], hasParams: false }, progress),
);

/** Compiles the match conditions of a configuration in short turns, before its faults are asked for. */
export async function prepareWebhookConditions(object: KubernetesObject): Promise<void> {
  const { webhooks = [] } = object as ValidatingWebhookConfiguration;
  for (const { matchConditions = [] } of webhooks) await conditionCompiler.prepare(matchConditions);
}

/** The faults of the match conditions in a configuration of either kind. */
export function checkWebhookConditions(object: KubernetesObject): FieldError[] {
  const { webhooks = [] } = object as ValidatingWebhookConfiguration;
  return webhooks.flatMap(({ matchConditions = [] }, index) => {
    const path = `webhooks[${index}]`;
    const faults = conditionCompiler.now(matchConditions).faults.map((fault) => ({
      ...fault,
      path: fault.path.replace('spec', path),
    }));
    const seen = new Set<string>();
    matchConditions.forEach(({ name }, at) => {
      if (seen.has(name)) faults.push(duplicate(`${path}.matchConditions[${at}].name`, name));
      seen.add(name);
    });
    if (matchConditions.length > mostConditions)
      faults.push(forbiddenField(`${path}.matchConditions`, `must have at most ${mostConditions} items`));
    return faults;
  });
}
