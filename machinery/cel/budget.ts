// What evaluation may cost. Every step charges; beyond the limit the evaluation ends, wherever it is.

/** An error of an expression: a missing key, an overflow, a wrong type. Logical operators may absorb it. */
export class CelError extends Error {}

/** The cost limit is exceeded. Nothing absorbs it. */
export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Counts what evaluations cost. One unit is about 50 ns of upstream's evaluator. */
export class Budget {
  readonly limit: number;
  spent = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Adds to what is spent; throws CostExceeded beyond the limit. */
  charge(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) throw new CostExceeded();
  }

  /** Refuses results that would take too much memory before they are made; `size` in characters, bytes or elements. */
  static checkSize(size: number): void {
    if (size > longestResult) throw new CostExceeded();
  }
}

const longestResult = 16_777_216;
