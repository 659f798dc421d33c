// A MutatingAdmissionPolicy, compiled, and what is wrong with it.
import type { MutatingAdmissionPolicy } from '../../../../api/kinds/admissionregistration/index.ts';
import { forbiddenField, required, type FieldError } from '../../../../api/schema/field-error.ts';
import { checkMatch } from './check-match.ts';
import { compileParts, wantsObject, wantsPatch, type Compiled, type CompiledParts } from './compile.ts';

/** A policy, runnable. */
export interface CompiledMutating {
  readonly parts: CompiledParts;
  readonly mutations: readonly (Compiled & { readonly isPatch: boolean })[];
  readonly faults: readonly FieldError[];
}

/** Compiles a policy; its faults are those that a write of it is refused for. */
export function compileMutating({ spec }: Pick<MutatingAdmissionPolicy, 'spec'>): CompiledMutating {
  const parts = compileParts(
    {
      matchConditions: spec.matchConditions ?? [],
      variables: spec.variables ?? [],
      hasParams: spec.paramKind !== undefined,
    },
    { mutates: true },
  );
  const faults: FieldError[] = [...parts.faults, ...checkMatch(spec)];
  if ((spec.mutations ?? []).length === 0)
    faults.push(required('spec.mutations', 'mutations must contain at least one item'));
  if (spec.reinvocationPolicy === undefined) faults.push(required('spec.reinvocationPolicy'));
  const mutations = (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }, index) => {
    const path = `spec.mutations[${index}]`;
    const isPatch = patchType === 'JSONPatch';
    const [used, other] = isPatch
      ? (['jsonPatch', 'applyConfiguration'] as const)
      : (['applyConfiguration', 'jsonPatch'] as const);
    const given = { applyConfiguration, jsonPatch };
    if (given[used] === undefined)
      faults.push(required(`${path}.${used}`, `must be specified when patchType is ${patchType}`));
    if (given[other] !== undefined)
      faults.push(forbiddenField(`${path}.${other}`, `must not be specified when patchType is ${patchType}`));
    const compiled = parts.expression(
      `${path}.${used}.expression`,
      given[used]?.expression ?? '',
      isPatch ? wantsPatch : wantsObject,
    );
    if (given[used] !== undefined) faults.push(...compiled.faults);
    return { ...compiled, isPatch };
  });
  return { parts, mutations, faults };
}
