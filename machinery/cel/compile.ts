// From source to something that runs: parse, check, compile. The one door to this folder's machinery.
import { CelSyntaxError, formatIssues } from './ast.ts';
import { Budget } from './budget.ts';
import { check } from './checker.ts';
import { estimateCost } from './cost-estimate.ts';
import type { Environment } from './environment.ts';
import { compileTree, type Resolver } from './interpreter.ts';
import type { Range } from './overload.ts';
import { parse } from './parser.ts';
import type { CelType } from './types.ts';
import type { Value } from './values.ts';

/** What one evaluation may cost, as upstream limits it. */
export const perCallLimit = 1_000_000;

/** A compiled expression. */
export interface Program {
  readonly source: string;
  readonly type: CelType;
  /** What it can cost, estimated from the schemas of its variables. */
  readonly cost: Range;
  /** Names of the environment's variables that it reads. */
  readonly variables: ReadonlySet<string>;
  /**
   * Evaluates it with these variables, charging the budget (its own, of `perCallLimit`, when none is given). Throws
   * CelError when the expression fails and CostExceeded when it costs too much; both are shared by nothing else.
   */
  evaluate(variables: Resolver | Readonly<Record<string, Value>>, budget?: Budget): Value;
}

/** A program, or why there is none, as cel-go words it. */
export type Compilation = { readonly program: Program } | { readonly fault: string };

/** Compiles an expression; never throws on any source. */
export function compileExpression(source: string, environment: Environment): Compilation {
  try {
    const checked = check(parse(source, environment.macros), environment);
    if (checked.issues.length > 0) return { fault: formatIssues(source, checked.issues.slice(0, 100)) };
    const run = compileTree(checked);
    return {
      program: {
        source,
        type: checked.type,
        cost: estimateCost(checked, environment),
        variables: checked.variables,
        evaluate(variables, budget = new Budget(perCallLimit)) {
          return run(typeof variables === 'function' ? variables : (name) => variables[name], budget);
        },
      },
    };
  } catch (error) {
    if (error instanceof CelSyntaxError) return { fault: formatIssues(source, [error]) };
    throw error;
  }
}
