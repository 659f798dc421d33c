// A ValidatingAdmissionPolicy, compiled, and what is wrong with it.
import type { ValidatingAdmissionPolicy } from '../../../../api/kinds/admissionregistration/index.ts';
import {
  duplicate,
  invalidValue,
  notSupported,
  required,
  type FieldError,
} from '../../../../api/schema/field-error.ts';
import { compileParts, wantsBool, wantsText, wantsTextOrNull, type Compiled, type CompiledParts } from './compile.ts';
import type { Turns } from '../../crd/rules/turns.ts';
import { checkMatch } from './check-match.ts';
import { createCompiler, type Compiler, type Progress } from './compiler.ts';

/** One validation, runnable. */
export interface CompiledValidation {
  readonly rule: Compiled;
  readonly message: Compiled | undefined;
  readonly declared: NonNullable<ValidatingAdmissionPolicy['spec']['validations']>[number];
}

/** A policy, runnable. */
export interface CompiledValidating {
  readonly parts: CompiledParts;
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly { readonly key: string; readonly value: Compiled }[];
  readonly faults: readonly FieldError[];
}

const reasons = ['Unauthorized', 'Forbidden', 'Invalid', 'RequestEntityTooLarge'];

type Source = Pick<ValidatingAdmissionPolicy, 'spec'>;

/** Compiles policies; their faults are those that a write of them is refused for. */
export const validatingCompiler: Compiler<Source, CompiledValidating> = createCompiler(({ spec }) => spec, compile);

function* compile({ spec }: Source, progress: Progress): Turns<CompiledValidating> {
  const parts = yield* compileParts(
    {
      matchConditions: spec.matchConditions ?? [],
      variables: spec.variables ?? [],
      hasParams: spec.paramKind !== undefined,
    },
    progress,
  );
  const faults: FieldError[] = [...parts.faults, ...checkMatch(spec)];
  const validations: CompiledValidation[] = [];
  for (const [index, declared] of (spec.validations ?? []).entries()) {
    const path = `spec.validations[${index}]`;
    const rule = parts.expression(`${path}.expression`, declared.expression, wantsBool);
    faults.push(...rule.faults);
    const { message, messageExpression, reason } = declared;
    if (reason !== undefined && !reasons.includes(reason)) faults.push(notSupported(`${path}.reason`, reason, reasons));
    if (message !== undefined && message.trim() === '')
      faults.push(invalidValue(`${path}.message`, message, 'message must be non-empty if specified'));
    if (message?.includes('\n') === true)
      faults.push(invalidValue(`${path}.message`, message, 'message must not contain line breaks'));
    if (declared.expression.includes('\n') && (message ?? '') === '')
      faults.push(required(`${path}.message`, 'message must be specified if expression contains line breaks'));
    const made =
      messageExpression === undefined
        ? undefined
        : parts.expression(`${path}.messageExpression`, messageExpression, wantsText);
    if (made !== undefined) faults.push(...made.faults);
    validations.push({ rule, message: made, declared });
    yield* progress.after(declared.expression + (messageExpression ?? ''));
  }
  const seen = new Set<string>();
  const annotations: { readonly key: string; readonly value: Compiled }[] = [];
  for (const [index, { key, valueExpression }] of (spec.auditAnnotations ?? []).entries()) {
    const path = `spec.auditAnnotations[${index}]`;
    if (seen.has(key)) faults.push(duplicate(`${path}.key`, key));
    seen.add(key);
    if (!/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(key))
      faults.push(invalidValue(`${path}.key`, key, 'must be the name part of a qualified name'));
    const value = parts.expression(`${path}.valueExpression`, valueExpression, wantsTextOrNull);
    faults.push(...value.faults);
    annotations.push({ key, value });
    yield* progress.after(valueExpression);
  }
  if (validations.length === 0 && annotations.length === 0)
    faults.push(required('spec.validations', 'validations or auditAnnotations must contain at least one item'));
  return { parts, validations, annotations, faults };
}
