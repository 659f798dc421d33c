// Strings: the language's own functions and cel-go's string extension, version 2. Indexes count Unicode characters.
import { Budget, CelError } from '../budget.ts';
import { add, fixed, matching, scale, scan, searching, textFactor, times, unknownSize } from '../cost-models.ts';
import { fn, method, type ArgumentEstimate, type CallCost, type Library, type Range } from '../overload.ts';
import { compileRegex, matchesRegex } from '../regex.ts';
import { bool, dyn, int, list, text } from '../types.ts';
import type { ListValue } from '../values.ts';
import { ArrayList, codePoints, sizeOf, type Value } from '../values.ts';
import { formatText } from './text-format.ts';

/** A text as an array of characters, or itself when every unit is one. */
function characters(value: string): string | readonly string[] {
  return codePoints(value) === value.length ? value : [...value];
}

function slice(value: string, from: bigint, to: bigint | undefined): string {
  const chars = characters(value);
  const size = BigInt(chars.length);
  const end = to ?? size;
  if (from < 0n || from > size || end < 0n || end > size)
    throw new CelError(`index out of range: ${from < 0n || from > size ? from : end}`);
  if (from > end) throw new CelError(`invalid substring range. start: ${from}, end: ${end}`);
  const part = chars.slice(Number(from), Number(end));
  return typeof part === 'string' ? part : part.join('');
}

function charAt(value: string, index: bigint): string {
  const chars = characters(value);
  if (index < 0n || index > BigInt(chars.length)) throw new CelError(`index out of range: ${index}`);
  return chars[Number(index)] ?? '';
}

function indexIn(value: string, part: string, offset: bigint): bigint {
  const chars = characters(value);
  if (part === '') return offset;
  if (offset < 0n) throw new CelError(`index out of range: ${offset}`);
  if (offset > BigInt(chars.length)) return -1n;
  const rest = slice(value, offset, undefined);
  const at = rest.indexOf(part);
  return at === -1 ? -1n : offset + BigInt(codePoints(rest.slice(0, at)));
}

function lastIndexIn(value: string, part: string, offset: bigint | undefined): bigint {
  const size = BigInt(codePoints(value));
  const from = offset ?? size;
  if (part === '') return from;
  if (from < 0n) throw new CelError(`index out of range: ${from}`);
  if (from > size && offset !== undefined) return -1n;
  const limit = slice(value, 0n, from > size ? size : from).length;
  const at = value.lastIndexOf(part, limit);
  return at === -1 ? -1n : BigInt(codePoints(value.slice(0, at)));
}

function replace(value: string, from: string, to: string, limit: bigint): string {
  if (limit === 0n) return value;
  const most = limit < 0n ? Infinity : Number(limit);
  const growth = from === '' ? codePoints(value) + 1 : Math.floor(value.length / from.length);
  Budget.checkSize(value.length + Math.min(growth, most) * to.length);
  const parts = from === '' ? [...value] : value.split(from);
  if (from === '') {
    // Go puts the replacement before every character, and after the last.
    const put = parts.map((char, index) => (index < most ? to + char : char)).join('');
    return most > parts.length ? put + to : put;
  }
  if (parts.length - 1 <= most) return parts.join(to);
  return `${parts.slice(0, most + 1).join(to)}${from}${parts.slice(most + 1).join(from)}`;
}

function split(value: string, separator: string, limit: bigint): ListValue {
  if (limit === 0n) return new ArrayList([]);
  const parts = separator === '' ? [...value] : value.split(separator);
  const most = Number(limit);
  if (limit < 0n || parts.length <= most) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)]);
}

function join(parts: ListValue, separator: string): string {
  const found: string[] = [];
  let size = 0;
  for (const part of parts) {
    if (typeof part !== 'string') throw new CelError('no such overload');
    Budget.checkSize((size += part.length + separator.length));
    found.push(part);
  }
  return found.join(separator);
}

/** Go's unicode.IsSpace. */
const spaces =
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

const lowerAscii = (value: string): string => value.replace(/[A-Z]+/g, (found) => found.toLowerCase());
const upperAscii = (value: string): string => value.replace(/[a-z]+/g, (found) => found.toUpperCase());

function quote(value: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '\u0007': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
    '"': '\\"',
  };

  return `"${value.replace(/[\u0007\b\f\n\r\t\v\\"]/g, (char) => escapes[char] ?? char)}"`;
}

const sameSize = scan(0, { makesText: true });
const sized = ([target]: readonly ArgumentEstimate[]): Range => target?.size ?? unknownSize;

const replacing: CallCost = {
  actual: scan(0, { passes: 2 }).actual,
  estimate: (args) => {
    const size = sized(args);
    const from = args[1]?.size ?? unknownSize;
    const to = args[2]?.size ?? unknownSize;
    const count: Range = {
      min: from.max === 0 ? size.min + 1 : from.max <= to.min ? 0 : Math.ceil(size.min / from.max),
      max: from.min === 0 ? size.max + 1 : to.max <= from.min ? 0 : Math.ceil(size.max / from.min),
    };
    const kept: Range = {
      min: from.max === 0 || from.max <= to.min ? size.min : 0,
      max: from.min === 0 || to.max <= from.min ? size.max : 0,
    };
    return { cost: scale(size, 2 * textFactor), size: add(times(count, to), kept) };
  },
};

const splitting: CallCost = {
  actual: scan(0, { passes: 2 }).actual,
  estimate: (args) => {
    const limit = args[2]?.literal;
    const max = typeof limit === 'bigint' && limit >= 0n ? Number(limit) : sized(args).max;
    return { cost: scale(sized(args), 2 * textFactor), size: { min: 0, max } };
  },
};

const joiningList: CallCost = {
  actual: (_args, result) => Math.ceil(sizeOf(result) * 2 * textFactor),
  estimate: (args) => {
    const count = sized(args);
    const parts = times(count, args[0]?.elementSize ?? unknownSize);
    const separators = times(args[1]?.size ?? fixed(0), {
      min: Math.max(count.min - 1, 0),
      max: Math.max(count.max - 1, 0),
    });
    const size = add(parts, separators);
    return { cost: scale(size, textFactor), size };
  },
};

const formatting: CallCost = {
  actual: (args) => scan(0).actual(args, null),
  estimate: (args) => ({ cost: scale(sized(args), textFactor) }),
};

const quoting: CallCost = {
  actual: (args) => scan(0).actual(args, null),
  estimate: (args) => {
    const size = sized(args);
    return { cost: scale(size, textFactor), size: { min: size.min + 2, max: size.max * 2 + 2 } };
  },
};

const patternLiteral = {
  cost: matching(0, 1, 'nothing'),
  checkLiterals([, pattern]: readonly (Value | undefined)[]): string | undefined {
    if (typeof pattern !== 'string') return undefined;
    try {
      compileRegex(pattern);
      return undefined;
    } catch {
      return 'invalid matches argument';
    }
  },
};

/** Whether the text matches; a bad pattern is an error of the expression. */
function matches(value: string, pattern: string): boolean {
  try {
    return matchesRegex(value, pattern);
  } catch (cause) {
    throw new CelError((cause as Error).message);
  }
}

/** String functions. */
export const texts: Library = [
  method('contains', 'contains_string', [text, text], bool, (a: string, b: string) => a.includes(b), searching),
  method('startsWith', 'starts_with_string', [text, text], bool, (a: string, b: string) => a.startsWith(b), scan(1)),
  method('endsWith', 'ends_with_string', [text, text], bool, (a: string, b: string) => a.endsWith(b), scan(1)),
  method('matches', 'matches_string', [text, text], bool, matches, patternLiteral),
  fn('matches', 'matches', [text, text], bool, matches, patternLiteral),
  method('charAt', 'string_char_at_int', [text, int], text, charAt),
  method('indexOf', 'string_index_of_string', [text, text], int, (a: string, b: string) => indexIn(a, b, 0n), scan(0)),
  method(
    'indexOf',
    'string_index_of_string_int',
    [text, text, int],
    int,
    (a: string, b: string, at: bigint) => indexIn(a, b, at),
    scan(0),
  ),
  method(
    'lastIndexOf',
    'string_last_index_of_string',
    [text, text],
    int,
    (a: string, b: string) => lastIndexIn(a, b, undefined),
    scan(0),
  ),
  method(
    'lastIndexOf',
    'string_last_index_of_string_int',
    [text, text, int],
    int,
    (a: string, b: string, at: bigint) => lastIndexIn(a, b, at),
    scan(0),
  ),
  method('lowerAscii', 'string_lower_ascii', [text], text, lowerAscii, sameSize),
  method('upperAscii', 'string_upper_ascii', [text], text, upperAscii, sameSize),
  method('trim', 'string_trim', [text], text, (value: string) => value.replace(spaces, ''), sameSize),
  method(
    'substring',
    'string_substring_int',
    [text, int],
    text,
    (value: string, from: bigint) => slice(value, from, undefined),
    sameSize,
  ),
  method(
    'substring',
    'string_substring_int_int',
    [text, int, int],
    text,
    (value: string, from: bigint, to: bigint) => slice(value, from, to),
    sameSize,
  ),
  method(
    'replace',
    'string_replace_string_string',
    [text, text, text],
    text,
    (a: string, b: string, c: string) => replace(a, b, c, -1n),
    replacing,
  ),
  method('replace', 'string_replace_string_string_int', [text, text, text, int], text, replace, replacing),
  method(
    'split',
    'string_split_string',
    [text, text],
    list(text),
    (a: string, b: string) => split(a, b, -1n),
    splitting,
  ),
  method('split', 'string_split_string_int', [text, text, int], list(text), split, splitting),
  method('join', 'list_join', [list(text)], text, (parts: ListValue) => join(parts, ''), joiningList),
  method('join', 'list_join_string', [list(text), text], text, join, joiningList),
  method('format', 'string_format', [text, list(dyn)], text, formatText, formatting),
  fn('strings.quote', 'strings_quote', [text], text, quote, quoting),
];
