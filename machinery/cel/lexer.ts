// Splits an expression into tokens, literals already read. The grammar is the CEL specification's.
import { CelSyntaxError } from './ast.ts';

/** One token; `value` is the literal's value, the identifier's or the operator's text. */
export interface Token {
  readonly kind: 'ident' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'operator' | 'end';
  readonly text: string;
  readonly value?: bigint | number | string | Uint8Array;
  readonly at: number;
}

const operators = ['&&', '||', '<=', '>=', '==', '!=', '.?', '[?'];
const single = new Set('<>+-*/%!?:.,()[]{}');
const number = /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?/y;
const ident = /[A-Za-z_][A-Za-z0-9_]*/y;
const blank = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/y;
const prefix = /[rRbB]{0,2}(?:"|')/y;

/** All tokens, the last of kind `end`. Throws CelSyntaxError. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const space = match(blank);
    if (space !== undefined) at += space.length;
    if (at >= source.length) break;
    const token = readToken(source, at, match);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}

function readToken(source: string, at: number, match: (pattern: RegExp) => string | undefined): Token {
  if (match(prefix) !== undefined) return readText(source, at);
  const digits = match(number);
  if (digits !== undefined) return readNumber(digits, at);
  const name = match(ident);
  if (name !== undefined) return { kind: 'ident', text: name, value: name, at };
  const two = source.slice(at, at + 2);
  if (operators.includes(two)) return { kind: 'operator', text: two, value: two, at };
  const one = source[at] ?? '';
  if (single.has(one)) return { kind: 'operator', text: one, value: one, at };
  throw new CelSyntaxError(at, `Syntax error: token recognition error at: '${one}'`);
}

function readNumber(text: string, at: number): Token {
  if (/^0[xX]|^\d+[uU]?$/.test(text)) {
    const isUnsigned = /[uU]$/.test(text);
    const value = BigInt(isUnsigned ? text.slice(0, -1) : text);
    // The parser judges the range: the smallest int is written with a minus sign before 2^63.
    return { kind: isUnsigned ? 'uint' : 'int', text, value, at };
  }
  return { kind: 'double', text, value: Number(text), at };
}

function readText(source: string, at: number): Token {
  const marks = /^[rRbB]*/.exec(source.slice(at, at + 2))?.[0] ?? '';
  const isRaw = /r/i.test(marks);
  const isBytes = /b/i.test(marks);
  const open = at + marks.length;
  const mark = source[open] ?? '';
  const quote = source.startsWith(mark.repeat(3), open) ? mark.repeat(3) : mark;
  const start = open + quote.length;
  let end = start;
  for (; ; end++) {
    if (end >= source.length || (quote.length === 1 && source[end] === '\n'))
      throw new CelSyntaxError(at, `Syntax error: token recognition error at: '${source.slice(at, at + 20)}'`);
    if (source.startsWith(quote, end)) break;
    if (source[end] === '\\') end++;
  }
  const body = source.slice(start, end);
  const text = source.slice(at, end + quote.length);
  if (isBytes) return { kind: 'bytes', text, value: bytesOf(body, isRaw, at), at };
  return { kind: 'string', text, value: isRaw ? body : unescapeText(body, at), at };
}

const simple: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '`': 96,
  '?': 63,
};
const escape = /\\(?:([abfnrtv\\'"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|)/g;

function unescapeText(body: string, at: number): string {
  return body.replace(escape, (_whole, letter?: string, x?: string, u?: string, long?: string, octal?: string) => {
    if (letter !== undefined) return String.fromCharCode(simple[letter] ?? 0);
    const code = octal === undefined ? parseInt(x ?? u ?? long ?? 'z', 16) : parseInt(octal, 8);
    if (Number.isNaN(code) || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      throw new CelSyntaxError(at, 'Syntax error: unable to unescape string');
    return String.fromCodePoint(code);
  });
}

/** In bytes, \x and octal escapes are bytes; everything else is UTF-8. */
function bytesOf(body: string, isRaw: boolean, at: number): Uint8Array {
  if (isRaw) return Buffer.from(body);
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of body.matchAll(escape)) {
    parts.push(Buffer.from(body.slice(from, match.index)));
    from = match.index + match[0].length;
    const byte =
      match[2] === undefined ? (match[5] === undefined ? undefined : parseInt(match[5], 8)) : parseInt(match[2], 16);
    if (match[3] !== undefined || match[4] !== undefined)
      throw new CelSyntaxError(at, 'Syntax error: unable to unescape bytes');
    parts.push(byte === undefined ? Buffer.from(unescapeText(match[0], at)) : Buffer.from([byte]));
  }
  parts.push(Buffer.from(body.slice(from)));
  return Buffer.concat(parts);
}
