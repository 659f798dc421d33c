// From text to tree: CEL's grammar by recursive descent, with the macros of the environment expanded on the way.
// Bounded: source length, nesting depth and the number of nodes that macros may grow to.
import { CelSyntaxError, type Entry, type Expr, type StructField } from './ast.ts';
import { tokenize, type Token } from './lexer.ts';
import { call, literal, type MacroTable } from './macros.ts';
import { bool, bytes, double, int, nothing, text, uint } from './types.ts';
import { Uint } from './values.ts';

const longestSource = 100_000;
const deepest = 250;
const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while in true false null'.split(
    ' ',
  ),
);
const relations = new Set(['<', '<=', '>', '>=', '==', '!=', 'in']);

/** Parses an expression. Throws CelSyntaxError at the first fault. */
export function parse(source: string, macros: MacroTable): Expr {
  if (source.length > longestSource)
    throw new CelSyntaxError(
      0,
      `expression code point size exceeds limit: size: ${source.length}, limit ${longestSource}`,
    );
  const parser = new Parser(tokenize(source), macros);
  return parser.whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #macros: MacroTable;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], macros: MacroTable) {
    this.#tokens = tokens;
    this.#macros = macros;
  }

  whole(): Expr {
    const expr = this.#ternary();
    if (this.#peek().kind !== 'end') this.#fail();
    return expr;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    return this.#tokens[this.#next++] as Token;
  }

  #is(text: string): boolean {
    const { kind, text: found } = this.#peek();
    return found === text && (kind === 'operator' || text === 'in');
  }

  #accept(text: string): Token | undefined {
    return this.#is(text) ? this.#take() : undefined;
  }

  #expect(text: string): Token {
    return this.#accept(text) ?? this.#fail();
  }

  #fail(): never {
    const { kind, text, at } = this.#peek();
    throw new CelSyntaxError(
      at,
      kind === 'end' ? `Syntax error: mismatched input '<EOF>'` : `Syntax error: unexpected '${text}'`,
    );
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > deepest)
      throw new CelSyntaxError(this.#peek().at, `expression recursion limit exceeded: ${deepest}`);
    const result = read();
    this.#depth--;
    return result;
  }

  #ternary(): Expr {
    return this.#deeper(() => {
      const condition = this.#or();
      const mark = this.#accept('?');
      if (mark === undefined) return condition;
      const yes = this.#or();
      this.#expect(':');
      return call(mark.at, '_?_:_', condition, yes, this.#ternary());
    });
  }

  #or(): Expr {
    return this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#relation()));
  }

  /** Long chains become balanced trees, so that their length does not count as depth. */
  #chain(operator: string, name: string, operand: () => Expr): Expr {
    const terms = [operand()];
    const marks: number[] = [];
    for (let mark = this.#accept(operator); mark !== undefined; mark = this.#accept(operator)) {
      marks.push(mark.at);
      terms.push(operand());
    }
    const balance = (from: number, to: number): Expr => {
      if (from === to) return terms[from] as Expr;
      const middle = Math.floor((from + to + 1) / 2);
      return call(marks[middle - 1] as number, name, balance(from, middle - 1), balance(middle, to));
    };
    return balance(0, terms.length - 1);
  }

  #relation(): Expr {
    return this.#leftward(relations, () =>
      this.#leftward(new Set(['+', '-']), () => this.#leftward(new Set(['*', '/', '%']), () => this.#unary())),
    );
  }

  /** A left-leaning tree is as deep as its chain is long: its length counts as depth. */
  #leftward(operators: ReadonlySet<string>, operand: () => Expr): Expr {
    let left = operand();
    let length = 0;
    while (operators.has(this.#peek().text) && (this.#peek().kind === 'operator' || this.#peek().text === 'in')) {
      if (++length + this.#depth > deepest * 2)
        throw new CelSyntaxError(this.#peek().at, `expression recursion limit exceeded: ${deepest}`);
      const { text, at } = this.#take();
      left = call(at, text === 'in' ? '@in' : `_${text}_`, left, operand());
    }
    return left;
  }

  #unary(): Expr {
    const { kind, text, at } = this.#peek();
    if (kind !== 'operator' || (text !== '!' && text !== '-')) return this.#member();
    return this.#deeper(() => {
      this.#take();
      const next = this.#peek();
      if (text === '-' && next.kind === 'int' && next.at === at + 1) return this.#member(true);
      if (text === '-' && next.kind === 'double' && next.at === at + 1) return this.#member(true);
      return call(at, text === '!' ? '!_' : '-_', this.#unary());
    });
  }

  #member(isNegative = false): Expr {
    let expr = this.#primary(isNegative);
    for (let length = 0; ; length++) {
      const { at } = this.#peek();
      if (length > deepest) throw new CelSyntaxError(at, `expression recursion limit exceeded: ${deepest}`);
      if (this.#accept('.') !== undefined) expr = this.#selection(expr, at);
      else if (this.#accept('.?') !== undefined) expr = call(at, '_?._', expr, literal(at, this.#name(), text));
      else if (this.#accept('[?') !== undefined) expr = call(at, '_[?_]', expr, this.#closed(']'));
      else if (this.#accept('[') !== undefined) expr = call(at, '_[_]', expr, this.#closed(']'));
      else if (this.#is('{') && qualifiedName(expr) !== undefined) expr = this.#struct(qualifiedName(expr) ?? '', at);
      else return expr;
    }
  }

  #closed(mark: string): Expr {
    const expr = this.#ternary();
    this.#expect(mark);
    return expr;
  }

  #selection(operand: Expr, at: number): Expr {
    const field = this.#name();
    if (this.#accept('(') === undefined) return { kind: 'select', operand, field, isTest: false, at };
    return this.#call(field, operand, this.#list(')'), at);
  }

  #name(): string {
    const token = this.#peek();
    // Reserved words are refused as identifiers, but name fields all the same; literals and `in` do not.
    if (token.kind !== 'ident' || ['true', 'false', 'null', 'in'].includes(token.text)) this.#fail();
    this.#take();
    return token.text;
  }

  #call(name: string, target: Expr | undefined, args: readonly Expr[], at: number): Expr {
    return this.#macros.expand({ name, target, args, at }) ?? { kind: 'call', name, target, args, at };
  }

  #list(end: string): Expr[] {
    const found: Expr[] = [];
    while (!this.#is(end)) {
      found.push(this.#ternary());
      if (this.#accept(',') === undefined) break;
    }
    this.#expect(end);
    return found;
  }

  #primary(isNegative: boolean): Expr {
    const token = this.#peek();
    const { kind, at, value } = token;
    if (kind === 'operator') return this.#opened(token);
    if (kind === 'end') this.#fail();
    this.#take();
    switch (kind) {
      case 'int': {
        const number = isNegative ? -(value as bigint) : (value as bigint);
        if (number > maxInt || number < -maxInt - 1n) throw new CelSyntaxError(at, 'Syntax error: invalid int literal');
        return literal(at, number, int);
      }
      case 'uint':
        if ((value as bigint) > maxUint) throw new CelSyntaxError(at, 'Syntax error: invalid uint literal');
        return literal(at, new Uint(value as bigint), uint);
      case 'double':
        return literal(at, isNegative ? -(value as number) : (value as number), double);
      case 'string':
        return literal(at, value as string, text);
      case 'bytes':
        return literal(at, value as Uint8Array, bytes);
      default:
        return this.#named(token);
    }
  }

  #named({ text: name, at }: Token): Expr {
    if (name === 'true' || name === 'false') return literal(at, name === 'true', bool);
    if (name === 'null') return literal(at, null, nothing);
    if (reserved.has(name)) throw new CelSyntaxError(at, `Syntax error: reserved identifier: ${name}`);
    if (this.#accept('(') !== undefined) return this.#call(name, undefined, this.#list(')'), at);
    return { kind: 'ident', name, at };
  }

  #opened({ text: mark, at }: Token): Expr {
    if (mark === '(') {
      this.#take();
      return this.#closed(')');
    }
    if (mark === '.') {
      this.#take();
      const name = this.#name();
      if (this.#accept('(') !== undefined) return this.#call(name, undefined, this.#list(')'), at);
      return { kind: 'ident', name, at };
    }
    if (mark === '[' || mark === '[?') return this.#listLiteral(at);
    if (mark === '{') return this.#mapLiteral(at);
    return this.#fail();
  }

  #listLiteral(at: number): Expr {
    const elements: Expr[] = [];
    const optional = new Set<number>();
    // `[?x]` begins with one token, as an optional index does.
    let isOptional = this.#take().text === '[?';
    while (!this.#is(']')) {
      if (isOptional || this.#accept('?') !== undefined) optional.add(elements.length);
      isOptional = false;
      elements.push(this.#ternary());
      if (this.#accept(',') === undefined) break;
    }
    this.#expect(']');
    return { kind: 'list', elements, optional, at };
  }

  #mapLiteral(at: number): Expr {
    this.#take();
    const entries: Entry[] = [];
    while (!this.#is('}')) {
      const isOptional = this.#accept('?') !== undefined;
      const key = this.#ternary();
      this.#expect(':');
      entries.push({ key, value: this.#ternary(), isOptional });
      if (this.#accept(',') === undefined) break;
    }
    this.#expect('}');
    return { kind: 'map', entries, at };
  }

  #struct(name: string, at: number): Expr {
    this.#take();
    const fields: StructField[] = [];
    while (!this.#is('}')) {
      const isOptional = this.#accept('?') !== undefined;
      const { at: fieldAt } = this.#peek();
      const field = this.#name();
      this.#expect(':');
      fields.push({ name: field, value: this.#ternary(), isOptional, at: fieldAt });
      if (this.#accept(',') === undefined) break;
    }
    this.#expect('}');
    return { kind: 'struct', name, fields, at };
  }
}

/** `a.b.c` as a name; undefined for any other expression. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.isTest) return undefined;
  const operand = qualifiedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}
