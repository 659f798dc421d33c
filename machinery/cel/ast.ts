// The syntax tree of an expression after macros are expanded. `at` is the offset of the node in the source's characters.
import type { Value } from './values.ts';
import type { CelType } from './types.ts';

interface Node {
  readonly at: number;
}

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly value: Value;
  readonly type: CelType;
}

export interface Ident extends Node {
  readonly kind: 'ident';
  readonly name: string;
}

export interface Select extends Node {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)`: asks instead of reading. */
  readonly isTest: boolean;
}

export interface Call extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

export interface ListExpr extends Node {
  readonly kind: 'list';
  readonly elements: readonly Expr[];
  /** Indexes of elements written `?e`: taken when present. */
  readonly optional: ReadonlySet<number>;
}

export interface Entry {
  readonly key: Expr;
  readonly value: Expr;
  readonly isOptional: boolean;
}

export interface MapExpr extends Node {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
}

export interface StructField {
  readonly name: string;
  readonly value: Expr;
  readonly isOptional: boolean;
  readonly at: number;
}

export interface StructExpr extends Node {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly StructField[];
}

/** What every iterating macro becomes. */
export interface Comprehension extends Node {
  readonly kind: 'fold';
  readonly range: Expr;
  /** The element of a list or the key of a map; with two variables the index or key. */
  readonly iterVar: string;
  readonly iterVar2: string | undefined;
  readonly accuVar: string;
  readonly accuInit: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension;

/** A fault in the source: where, and what. */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

/** Thrown by lexer and parser at the first fault. */
export class CelSyntaxError extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Faults as cel-go prints them: position, source line and a caret. */
export function formatIssues(source: string, issues: readonly Issue[]): string {
  return issues.map((issue) => formatIssue(source, issue)).join('\n');
}

function formatIssue(source: string, { at, message }: Issue): string {
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const start = before.lastIndexOf('\n') + 1;
  const end = source.indexOf('\n', start);
  const shown = source.slice(start, end === -1 ? undefined : end);
  const column = [...source.slice(start, at)].length;
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${shown}\n | ${'.'.repeat(column)}^`;
}
