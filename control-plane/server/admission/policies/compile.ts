// Policies compiled: every expression with its place in the policy, so that faults are told where they are.
import {
  compileExpression,
  types,
  type CelType,
  type Environment,
  type Program,
} from '../../../../machinery/cel/index.ts';
import { invalidValue, required, type FieldError } from '../../../../api/schema/field-error.ts';
import type { Turns } from '../../crd/rules/turns.ts';
import type { Progress } from './compiler.ts';
import { applyType, environmentOf, type Allowance } from './environment.ts';

/** What all expressions of a policy share. */
export interface PolicyParts {
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
  readonly hasParams: boolean;
}

/** One expression: runnable, or why it is not. */
export interface Compiled {
  readonly source: string;
  readonly program: Program | undefined;
  readonly fault: string | undefined;
}

/** The shared expressions of a policy, compiled. */
export interface CompiledParts {
  readonly conditions: readonly (Compiled & { readonly name: string })[];
  readonly variables: ReadonlyMap<string, Compiled>;
  readonly faults: readonly FieldError[];
  /** Compiles another expression of the same policy; `wanted` are the types that it may have. */
  expression(path: string, source: string, wanted: Wanted): Compiled & { readonly faults: readonly FieldError[] };
}

/** The types that an expression may have, and their name in messages. */
export interface Wanted {
  readonly name: string;
  accepts(type: CelType): boolean;
}

export const wantsBool: Wanted = { name: 'bool', accepts: ({ kind }) => kind === 'bool' };
export const wantsText: Wanted = { name: 'string', accepts: ({ kind }) => kind === 'string' };
export const wantsTextOrNull: Wanted = {
  name: 'one of [string null_type]',
  accepts: ({ kind }) => kind === 'string' || kind === 'null' || kind === 'dyn',
};
export const wantsObject: Wanted = {
  name: 'Object',
  accepts: (type) => type.kind === 'object' && type.name === (applyType as { name: string }).name,
};
export const wantsPatch: Wanted = {
  name: 'list(JSONPatch)',
  accepts: (type) =>
    type.kind === 'list' &&
    ((type.element.kind === 'object' && type.element.name === 'JSONPatch') || type.element.kind === 'dyn'),
};
const wantsAnything: Wanted = { name: 'any', accepts: () => true };

/** Compiles what the expressions of a policy share, resting between them; so does who compiles the others. */
export function* compileParts(
  parts: PolicyParts,
  progress: Progress,
  options: Pick<Allowance, 'mutates' | 'object' | 'paramType'> = {},
): Turns<CompiledParts> {
  const faults: FieldError[] = [];
  const conditionEnvironment = environmentOf({ params: parts.hasParams, ...options });
  const conditions: (Compiled & { readonly name: string })[] = [];
  for (const [index, { name, expression }] of parts.matchConditions.entries()) {
    const path = `spec.matchConditions[${index}]`;
    if (name === '') faults.push(required(`${path}.name`));
    const compiled = compileOne(`${path}.expression`, expression, wantsBool, conditionEnvironment);
    faults.push(...compiled.faults);
    conditions.push({ ...compiled, name });
    yield* progress.after(expression);
  }
  const known = new Map<string, CelType>();
  const variables = new Map<string, Compiled>();
  for (const [index, { name, expression }] of parts.variables.entries()) {
    const path = `spec.variables[${index}]`;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      faults.push(invalidValue(`${path}.name`, name, 'name is not a valid CEL identifier'));
    // A variable sees those that stand before it.
    const environment = environmentOf({ params: parts.hasParams, variables: new Map(known), ...options });
    const compiled = compileOne(`${path}.expression`, expression, wantsAnything, environment);
    faults.push(...compiled.faults);
    variables.set(name, compiled);
    known.set(name, compiled.program?.type ?? types.faulty);
    yield* progress.after(expression);
  }
  const environment = environmentOf({ params: parts.hasParams, variables: known, ...options });
  return {
    conditions,
    variables,
    faults,
    expression: (path, source, wanted) => compileOne(path, source, wanted, environment),
  };
}

function compileOne(
  path: string,
  source: string,
  wanted: Wanted,
  environment: Environment,
): Compiled & { faults: FieldError[] } {
  const refuse = (fault: string): Compiled & { faults: FieldError[] } => ({
    source,
    program: undefined,
    fault,
    faults: [invalidValue(path, source, fault)],
  });
  if (source.trim() === '')
    return { ...refuse('expression is not specified'), faults: [required(path, 'expression is not specified')] };
  const compiled = compileExpression(source, environment);
  if ('fault' in compiled) return refuse(`compilation failed: ${compiled.fault}`);
  const { program } = compiled;
  if (!wanted.accepts(program.type)) return refuse(`must evaluate to ${wanted.name}`);
  return { source, program, fault: undefined, faults: [] };
}
