// A MutatingAdmissionPolicy, compiled, and what is wrong with it.
import type { MutatingAdmissionPolicy } from '../../../../api/kinds/admissionregistration/index.ts';
import { forbiddenField, required, type FieldError } from '../../../../api/schema/field-error.ts';
import type { Turns } from '../../crd/rules/turns.ts';
import { checkMatch } from './check-match.ts';
import { compileParts, wantsObject, wantsPatch, type Compiled, type CompiledParts } from './compile.ts';
import { createCompiler, type Compiler, type Progress } from './compiler.ts';

/** A policy, runnable. */
export interface CompiledMutating {
  readonly parts: CompiledParts;
  readonly mutations: readonly (Compiled & { readonly isPatch: boolean })[];
  readonly faults: readonly FieldError[];
}

type Source = Pick<MutatingAdmissionPolicy, 'spec'>;

/** Compiles policies; their faults are those that a write of them is refused for. */
export const mutatingCompiler: Compiler<Source, CompiledMutating> = createCompiler(({ spec }) => spec, compile);

function* compile({ spec }: Source, progress: Progress): Turns<CompiledMutating> {
  const parts = yield* compileParts(
    {
      matchConditions: spec.matchConditions ?? [],
      variables: spec.variables ?? [],
      hasParams: spec.paramKind !== undefined,
    },
    progress,
    { mutates: true },
  );
  const faults: FieldError[] = [...parts.faults, ...checkMatch(spec)];
  if ((spec.mutations ?? []).length === 0)
    faults.push(required('spec.mutations', 'mutations must contain at least one item'));
  if (spec.reinvocationPolicy === undefined) faults.push(required('spec.reinvocationPolicy'));
  const mutations: (Compiled & { readonly isPatch: boolean })[] = [];
  for (const [index, { patchType, applyConfiguration, jsonPatch }] of (spec.mutations ?? []).entries()) {
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
    mutations.push({ ...compiled, isPatch });
    yield* progress.after(given[used]?.expression ?? '');
  }
  return { parts, mutations, faults };
}
