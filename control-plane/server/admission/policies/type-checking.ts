// Checks the expressions of ValidatingAdmissionPolicies against the kinds that their rules name, and tells in their
// status what does not fit: warnings, as kinds may change after the policy.
import {
  validatingAdmissionPolicies,
  type ValidatingAdmissionPolicy,
} from '../../../../api/kinds/admissionregistration/index.ts';
import { isStoreError } from '../../../store/errors.ts';
import { storageKey } from '../../registry/reader.ts';
import type { Resident, ResidentContext } from '../../residents/resident.ts';
import type { ResourceDefinition } from '../../served/definition.ts';
import { apiVersionOf, type ServedResources } from '../../served/served-resources.ts';
import { finishInTurns, nextTurn, type Turns } from '../../crd/rules/turns.ts';
import { Progress } from './compiler.ts';
import { compileParts, wantsBool, wantsText, type PolicyParts } from './compile.ts';
import { typeOfKind } from './schema-types.ts';

type Status = NonNullable<ValidatingAdmissionPolicy['status']>;
type Warnings = NonNullable<NonNullable<Status['typeChecking']>['expressionWarnings']>;

const mostKinds = 10;
const retryAfterMs = 1000;

/** Keeps the status of every policy in step with its generation. */
export function runTypeChecking(
  context: ResidentContext & { readonly served: ServedResources },
  policies: Resident<ValidatingAdmissionPolicy>,
): void {
  const check = async (name: string): Promise<void> => {
    const policy = policies.get('', name);
    if (policy === undefined || context.signal.aborted) return;
    const { generation = 0 } = policy.metadata;
    if (policy.status?.observedGeneration === generation && policy.status.typeChecking !== undefined) return;
    try {
      const expressionWarnings = await finishInTurns(warningsOf(policy, context.served), nextTurn);
      const typeChecking = expressionWarnings.length === 0 ? {} : { expressionWarnings };
      const status = { ...policy.status, observedGeneration: generation, typeChecking };
      await context.store.update(
        storageKey(validatingAdmissionPolicies, '', name),
        { ...structuredClone(policy), status } as ValidatingAdmissionPolicy,
        Number(policy.metadata.resourceVersion),
      );
    } catch (error) {
      // Written by somebody else meanwhile: their version comes by the watch and is checked then.
      if (isStoreError(error, 'Conflict') || isStoreError(error, 'NotFound')) return;
      context.logger.warn(
        { err: error, policy: name },
        'the types of an admission policy could not be checked; trying again',
      );
      context.clock.setTimeout(() => void check(name), retryAfterMs);
    }
  };
  policies.onDidChange((_previous, current) => {
    if (current !== undefined) void check(current.metadata.name);
  });
}

/** What of a policy's expressions does not fit the kinds that it is for. */
function* warningsOf(policy: Readonly<ValidatingAdmissionPolicy>, served: ServedResources): Turns<Warnings> {
  const progress = new Progress();
  const { spec } = policy;
  const found = new Map<string, string[]>();
  const params =
    spec.paramKind === undefined
      ? undefined
      : served.findKind(spec.paramKind.apiVersion ?? '', spec.paramKind.kind ?? '');
  const paramType = params === undefined ? undefined : typeOfKind(params);
  for (const definition of kindsOf(policy, served)) {
    const kind = `${apiVersionOf(definition)}, Kind=${definition.kind}`;
    const note = (path: string, fault: string | undefined): void => {
      if (fault !== undefined)
        found.set(path, [...(found.get(path) ?? []), `${kind}: ${fault.replace('compilation failed: ', '')}`]);
    };
    const shared: PolicyParts = {
      matchConditions: spec.matchConditions ?? [],
      variables: spec.variables ?? [],
      hasParams: spec.paramKind !== undefined,
    };
    const parts = yield* compileParts(shared, progress, {
      object: typeOfKind(definition),
      ...(paramType === undefined ? {} : { paramType }),
    });
    parts.conditions.forEach(({ fault }, index) => note(`spec.matchConditions[${index}].expression`, fault));
    [...parts.variables.values()].forEach(({ fault }, index) => note(`spec.variables[${index}].expression`, fault));
    for (const [index, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
      const path = `spec.validations[${index}]`;
      note(`${path}.expression`, parts.expression('', expression, wantsBool).fault);
      if (messageExpression !== undefined)
        note(`${path}.messageExpression`, parts.expression('', messageExpression, wantsText).fault);
      yield* progress.after(expression + (messageExpression ?? ''));
    }
  }
  return [...found].map(([fieldRef, sentences]) => ({ fieldRef, warning: sentences.join('\n') }));
}

/** The kinds that rules name without wildcards. */
function kindsOf({ spec }: Readonly<ValidatingAdmissionPolicy>, served: ServedResources): ResourceDefinition[] {
  const found = new Set<ResourceDefinition>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of spec.matchConstraints?.resourceRules ?? [])
    for (const group of apiGroups)
      for (const version of apiVersions)
        for (const resource of resources) {
          const definition = served.find(group, version, resource);
          if (definition !== undefined) found.add(definition);
        }
  return [...found].slice(0, mostKinds);
}
