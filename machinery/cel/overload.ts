// How functions are declared: one overload says its types, what it does, and what it costs, estimated and at run time.
import type { Budget } from './budget.ts';
import type { CelType } from './types.ts';
import type { Value } from './values.ts';

/** A range of sizes or costs; Infinity for what has no bound. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What an estimate knows of one argument. */
export interface ArgumentEstimate {
  readonly type: CelType;
  /** Characters, bytes, elements or entries. */
  readonly size: Range;
  /** Size of the elements of a list, if it is one. */
  readonly elementSize: Range;
  /** The value, when it is written in the expression. */
  readonly literal: Value | undefined;
}

/** What a call costs by itself, without its arguments. */
export interface CallCost {
  /** From the values. */
  actual(args: readonly Value[], result: Value): number;
  /** From the sizes that arguments can have. */
  estimate(args: readonly ArgumentEstimate[]): { readonly cost: Range; readonly size?: Range };
}

/** One way to call a function. The target of a member call is its first argument. */
export interface Overload {
  readonly name: string;
  /** As cel-go names it. */
  readonly id: string;
  readonly isMember: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  readonly cost: CallCost;
  call(args: readonly Value[], budget: Budget): Value;
  /** Says what is wrong with arguments that are written in the expression, so that the author hears it at once. */
  readonly checkLiterals?: (args: readonly (Value | undefined)[]) => string | undefined;
}

/** A set of overloads that belong together. */
export type Library = readonly Overload[];

/** Takes the values of the declared types in order, then the budget. */
type Implementation = (...args: never[]) => Value;

/** What may be said of an overload beyond its types. */
export interface Extras {
  readonly cost?: CallCost;
  readonly checkLiterals?: Overload['checkLiterals'];
}

/** Calls without arrays in between: this is where expressions spend their time. */
function bound(run: (...args: unknown[]) => Value, count: number): Overload['call'] {
  if (count === 1) return (values, budget) => run(values[0], budget);
  if (count === 2) return (values, budget) => run(values[0], values[1], budget);
  return (values, budget) => run(...values, budget);
}

function declare(
  isMember: boolean,
  name: string,
  id: string,
  args: readonly CelType[],
  result: CelType,
  implementation: Implementation,
  extras: Extras | CallCost = {},
): Overload {
  const { cost = oneUnit, checkLiterals } = 'actual' in extras ? { cost: extras } : extras;
  return {
    name,
    id,
    isMember,
    args,
    result,
    cost,
    ...(checkLiterals === undefined ? {} : { checkLiterals }),
    call: bound(implementation as (...args: unknown[]) => Value, args.length),
  };
}

/** Declares a global function: `size(x)`, `sets.contains(a, b)`. The types say what the implementation is given. */
export function fn(
  name: string,
  id: string,
  args: readonly CelType[],
  result: CelType,
  implementation: Implementation,
  extras?: Extras | CallCost,
): Overload {
  return declare(false, name, id, args, result, implementation, extras);
}

/** Declares a member function: `x.size()`. */
export function method(
  name: string,
  id: string,
  args: readonly CelType[],
  result: CelType,
  implementation: Implementation,
  extras?: Extras | CallCost,
): Overload {
  return declare(true, name, id, args, result, implementation, extras);
}

const one: Range = { min: 1, max: 1 };

/** What most calls cost. */
export const oneUnit: CallCost = { actual: () => 1, estimate: () => ({ cost: one }) };
