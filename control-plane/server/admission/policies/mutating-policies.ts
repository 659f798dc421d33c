// MutatingAdmissionPolicies as admission plugins: they change objects before webhooks do and, where they ask for it,
// once more when something changed after them.
import { isDeepStrictEqual } from 'node:util';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '../../../../api/kinds/admissionregistration/index.ts';
import { failure } from '../../../../api/meta/status.ts';
import { mergeValues } from '../../../../api/schema/apply/merge-values.ts';
import { applyJsonPatch } from '../../../../api/schema/patch/json-patch.ts';
import { MapValue, toJson, type Value } from '../../../../machinery/cel/index.ts';
import { completeObject, decodeDraft } from '../../registry/decode-object.ts';
import type { Resident } from '../../residents/resident.ts';
import { replaceContents } from '../../webhooks/webhook-admission.ts';
import { nameOf, type AdmissionPlugin, type AdmissionRequest } from '../admission.ts';
import { conditionLimit, conditionsHold, createEvaluation, factsOf, type Facts } from './evaluation.ts';
import { followBound, type Bound } from './followed.ts';
import { equivalentFor, isBeyondPolicies, resourcesMatch } from './matching.ts';
import { mutatingCompiler, type CompiledMutating } from './mutating-compiled.ts';
import { paramsFor } from './params.ts';
import type { PolicyContext } from './policy-context.ts';

type BoundPolicy = Bound<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutating>;

/** The plugin that runs before webhooks, and the one that runs after them. */
export interface MutatingPolicies {
  readonly first: AdmissionPlugin;
  readonly again: AdmissionPlugin;
}

/** The plugins over the followed policies and bindings. */
export function createMutatingPolicies(
  context: PolicyContext,
  policies: Resident<MutatingAdmissionPolicy>,
  bindings: Resident<MutatingAdmissionPolicyBinding>,
): MutatingPolicies {
  const bound = followBound(policies, bindings, mutatingCompiler);
  /** What objects were when their policies had run: if they are so still, nothing has to run again. */
  const left = new WeakMap<AdmissionRequest, object>();
  const concerns = ({ definition, object, operation }: AdmissionRequest): boolean =>
    operation !== 'CONNECT' && object !== undefined && bindings.list().length > 0 && !isBeyondPolicies(definition);

  const run = async (request: AdmissionRequest, chosen: readonly BoundPolicy[]): Promise<void> => {
    const concerned = chosen.flatMap((one) => {
      const as = equivalentFor(context, one, request);
      return as === undefined ? [] : [{ one, as }];
    });
    if (concerned.length === 0) return;
    const namespaceObject = await context.namespaceOf(request);
    const labels = context.labelsFor(request, namespaceObject);
    for (const { one, as } of concerned) {
      const translated = await context.equivalents.translate(request, as);
      if (!resourcesMatch(one.policy.spec.matchConstraints, translated, labels)) continue;
      if (!resourcesMatch(one.binding.spec.matchResources, translated, labels)) continue;
      await mutateBy(context, one, factsOf(translated, namespaceObject, context.authorizer));
      if (translated === request) continue;
      const changed = await context.equivalents.back(request, translated);
      if (changed !== undefined && request.object !== undefined) replaceContents(request.object, changed);
    }
    if (request.object !== undefined) left.set(request, structuredClone(request.object));
  };

  return {
    first: {
      name: 'MutatingAdmissionPolicy',
      concerns,
      async mutate(request) {
        const before = structuredClone(request.object);
        await run(request, await bound());
        if (!isDeepStrictEqual(before, request.object)) await run(request, (await bound()).filter(isReinvoked));
      },
    },
    again: {
      name: 'MutatingAdmissionPolicyReinvocation',
      concerns: (request) => left.has(request) && concerns(request),
      async mutate(request) {
        if (!isDeepStrictEqual(left.get(request), request.object))
          await run(request, (await bound()).filter(isReinvoked));
      },
    },
  };
}

function isReinvoked({ policy }: BoundPolicy): boolean {
  return policy.spec.reinvocationPolicy === 'IfNeeded';
}

/** Applies all mutations of a policy, one after the other; a failure leaves the object as it was or refuses the request. */
async function mutateBy(context: PolicyContext, one: BoundPolicy, facts: Facts): Promise<void> {
  const { policy, binding, compiled } = one;
  const { request } = facts;
  const before = structuredClone(request.object);
  try {
    for (const param of await paramsFor(context, policy.spec.paramKind, binding.spec.paramRef, request)) {
      if (
        !(await conditionsHold(
          createEvaluation(facts, compiled.parts, param, conditionLimit),
          compiled.parts.conditions,
        ))
      )
        continue;
      for (const mutation of compiled.mutations) {
        // Each mutation sees what the one before it made.
        const value = await createEvaluation(facts, compiled.parts, param).run(mutation);
        change(request, value, mutation.isPatch);
      }
    }
  } catch (cause) {
    if (request.object !== undefined && before !== undefined) replaceContents(request.object, before);
    if (policy.spec.failurePolicy === 'Ignore') return;
    const { definition } = request;
    const resource = definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`;
    const name = nameOf(request);
    throw failure(
      'Forbidden',
      `${resource} ${JSON.stringify(name)} is forbidden: policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${(cause as Error).message}`,
      { name, group: definition.group, kind: definition.plural },
    );
  }
}

const fixed = ['apiVersion', 'kind'] as const;

function change(request: AdmissionRequest, value: Value, isPatch: boolean): void {
  const { object, definition } = request;
  if (object === undefined) return;
  const json = toJson(value);
  let draft: unknown;
  if (isPatch) draft = applyJsonPatch(structuredClone(object), json);
  else {
    if (!(value instanceof MapValue)) throw new Error('the expression did not make an Object');
    draft = mergeValues(definition.schema, structuredClone(object), json);
  }
  for (const key of fixed)
    if ((draft as Record<string, unknown>)[key] !== object[key]) throw new Error(`${key} must not be changed`);
  const next = decodeDraft(definition, draft, 'Ignore', []);
  if (next.metadata.name !== object.metadata.name || next.metadata.namespace !== object.metadata.namespace)
    throw new Error('metadata.name and metadata.namespace must not be changed');
  completeObject(definition, next);
  replaceContents(object, next);
}
