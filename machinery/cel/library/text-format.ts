// `"…".format([…])` of cel-go's string extension: %s %d %f %e %b %x %X %o %%, with a precision for numbers.
import { Budget, CelError } from '../budget.ts';
import { typeOfValue } from '../runtime-types.ts';
import { formatDuration, formatTimestamp } from '../time-text.ts';
import { formatType } from '../types.ts';
import { Duration, ListValue, MapValue, Timestamp, TypeValue, Uint, type Value } from '../values.ts';
import { compareTexts } from './operators.ts';

const clause = /%(?:%|(?:\.(\d{1,4}))?([sdfebxXo])|)/g;
const deepest = 64;

/** Fills the clauses of a format with values. */
export function formatText(format: string, values: ListValue): string {
  let next = 0;
  let size = 0;
  const text = format.replace(clause, (whole, precision: string | undefined, verb: string | undefined) => {
    if (whole === '%%') return '%';
    if (verb === undefined)
      throw new CelError('could not parse formatting clause: unexpected end of string or unknown verb');
    if (next >= values.size) throw new CelError(`index ${next} out of range`);
    const shown = formatOne(verb, precision === undefined ? undefined : Number(precision), values.at(next++));
    Budget.checkSize((size += shown.length));
    return shown;
  });
  return text;
}

function formatOne(verb: string, precision: number | undefined, value: Value): string {
  switch (verb) {
    case 's':
      return textOf(value, 0);
    case 'd':
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Uint) return String(value.value);
      if (typeof value === 'number' && !Number.isFinite(value)) return special(value);
      break;
    case 'f':
    case 'e': {
      const number = typeof value === 'bigint' ? Number(value) : value instanceof Uint ? Number(value.value) : value;
      if (typeof number !== 'number') break;
      if (!Number.isFinite(number)) return special(number);
      if (verb === 'f') return number.toFixed(Math.min(precision ?? 6, 100));
      const [mantissa = '', exponent = ''] = number.toExponential(Math.min(precision ?? 6, 100)).split('e');
      return `${mantissa}e${exponent.startsWith('-') ? '-' : '+'}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
    }
    default:
      return radix(verb, value);
  }
  return refuse(verb, value);
}

function special(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

function radix(verb: string, value: Value): string {
  if (verb === 'b' && typeof value === 'boolean') return value ? '1' : '0';
  const base = verb === 'b' ? 2 : verb === 'o' ? 8 : 16;
  const number = value instanceof Uint ? value.value : value;
  let text: string | undefined;
  if (typeof number === 'bigint') text = number.toString(base);
  else if (base === 16 && typeof value === 'string') text = Buffer.from(value).toString('hex');
  else if (base === 16 && value instanceof Uint8Array) text = Buffer.from(value).toString('hex');
  if (text === undefined) return refuse(verb, value);
  return verb === 'X' ? text.toUpperCase() : text;
}

function refuse(verb: string, value: Value): never {
  throw new CelError(`error during formatting: %${verb} cannot show a value of type ${formatType(typeOfValue(value))}`);
}

/** A value as %s shows it. */
function textOf(value: Value, depth: number): string {
  if (depth > deepest) throw new CelError('error during formatting: the value nests too deep');
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : special(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof TypeValue) return formatType(value.type).replace(/\(.*/, '');
  if (value instanceof ListValue) return `[${[...value].map((item) => textOf(item, depth + 1)).join(', ')}]`;
  if (value instanceof MapValue) {
    const entries = [...value.keys()].map((key) => [
      textOf(key, depth + 1),
      textOf(value.get(key) as Value, depth + 1),
    ]);
    entries.sort(([a = ''], [b = '']) => compareTexts(a, b));
    return `{${entries.map(([key, held]) => `${key}: ${held}`).join(', ')}}`;
  }
  return refuse('s', value);
}
