// The cost models that libraries share. Factors are upstream's: a rule that may be written there may be written here.
import type { ArgumentEstimate, CallCost, Range } from './overload.ts';
import { sizeOf, type Value } from './values.ts';

/** Units per character traversed. */
export const textFactor = 0.1;
/** Units per character of a regular expression. */
export const regexFactor = 0.25;
/** Units that it takes to set up a matcher, whatever the text. */
const matcherCost = 40;
export const listBase = 10;
export const mapBase = 30;
export const structBase = 40;

export const none: Range = { min: 0, max: 0 };
export const unknownSize: Range = { min: 0, max: Infinity };

export const fixed = (cost: number): Range => ({ min: cost, max: cost });
export const add = (a: Range, b: Range): Range => ({ min: a.min + b.min, max: a.max + b.max });
export const times = (a: Range, b: Range): Range => ({ min: product(a.min, b.min), max: product(a.max, b.max) });
export const scale = (a: Range, factor: number): Range => ({
  min: Math.ceil(a.min * factor),
  max: Math.ceil(a.max * factor),
});
export const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });

/** Nothing of anything costs nothing, also of what has no bound. */
function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

const sizeAt = (args: readonly ArgumentEstimate[], index: number): Range => args[index]?.size ?? unknownSize;

/** Costs one pass over an argument (`passes` of them), and makes as much as that is long when `makesText`. */
export function scan(index: number, { passes = 1, makesText = false } = {}): CallCost {
  return {
    actual: (args) => Math.ceil(sizeOf(args[index] as Value) * passes * textFactor),
    estimate: (args) => {
      const size = sizeAt(args, index);
      return { cost: scale(size, passes * textFactor), ...(makesText ? { size } : {}) };
    },
  };
}

/** Costs what matching a text with an RE2 pattern costs at most. */
export function matching(subject: number, pattern: number, makes: 'nothing' | 'parts'): CallCost {
  const model: CallCost = {
    actual: (args) =>
      Math.ceil((1 + sizeOf(args[subject] as Value)) * textFactor) *
      Math.ceil(sizeOf(args[pattern] as Value) * regexFactor),
    estimate: (args) => {
      const size = sizeAt(args, subject);
      const cost = times(scale(add(size, fixed(1)), textFactor), scale(sizeAt(args, pattern), regexFactor));
      return { cost, ...(makes === 'parts' ? { size: { min: 0, max: size.max } } : {}) };
    },
  };
  return dearer(model, matcherCost);
}

/** Costs a search of one text in another. */
export const searching: CallCost = {
  actual: ([text, part]) =>
    Math.ceil(sizeOf(text as Value) * textFactor) * Math.ceil(sizeOf(part as Value) * textFactor),
  estimate: (args) => ({ cost: times(scale(sizeAt(args, 0), textFactor), scale(sizeAt(args, 1), textFactor)) }),
};

/** Costs a comparison of two values: as much as the shorter is long. */
export const comparing: CallCost = {
  actual: ([a, b]) => Math.ceil(Math.min(sizeOf(a as Value), sizeOf(b as Value)) * textFactor),
  estimate: (args) => {
    const max = Math.min(sizeAt(args, 0).max, sizeAt(args, 1).max);
    return { cost: scale({ min: max > 0 ? 1 : 0, max }, textFactor) };
  },
};

/** Costs the copying of both texts. */
export const joining: CallCost = {
  actual: ([a, b]) => Math.ceil((sizeOf(a as Value) + sizeOf(b as Value)) * textFactor),
  estimate: (args) => {
    const size = add(sizeAt(args, 0), sizeAt(args, 1));
    return { cost: scale(size, textFactor), size };
  },
};

/**
 * A call that takes longer here than its model says: `more` units are charged when it runs. Estimates stay upstream's,
 * so that what may be written there may be written here.
 */
export function dearer({ actual, estimate }: CallCost, more: number): CallCost {
  return { estimate, actual: (args, result) => actual(args, result) + more };
}

/** Costs a constant. */
export function constant(cost: number): CallCost {
  return { actual: () => cost, estimate: () => ({ cost: fixed(cost) }) };
}

/** Costs as many units as an argument has elements. */
export function elements(index: number, { makesList = false } = {}): CallCost {
  return {
    actual: (args) => sizeOf(args[index] as Value),
    estimate: (args) => ({ cost: sizeAt(args, index), ...(makesList ? { size: sizeAt(args, index) } : {}) }),
  };
}
