// Quantities: exact amounts such as `500m`, `1.5Gi` or `2e3`, as Kubernetes reads and writes them.
// An amount is an integer of nanos (10⁻⁹), which is the finest that upstream keeps; finer input is rounded up.

/** How a quantity is written: binary (`Ki`), decimal (`k`, `m`) or by exponent (`e3`). */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** An exact amount and the format it was written in. */
export interface Quantity {
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

const shape = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

const binaryPowers: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

const decimalPowers: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const decimalSuffixes: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries({ ...decimalPowers, '': 0 }).map(([suffix, power]) => [power, suffix]),
);

const nano = 1_000_000_000n;

/** The largest amount that upstream keeps (2⁶³ − 1); larger ones are capped. */
const largest = (2n ** 63n - 1n) * nano;

/** Clusters say the same few hundred amounts over and over; reading one costs more than finding it again. */
const remembered = new Map<string, Quantity>();
const written = new WeakMap<Quantity, string>();
const mostRemembered = 2048;
const longestRemembered = 24;

/** The amount that text stands for, or undefined when it is no quantity. */
export function tryParseQuantity(text: string | number): Quantity | undefined {
  if (typeof text !== 'string' || text.length > longestRemembered) return readQuantity(text);
  let quantity = remembered.get(text);
  if (quantity !== undefined) return quantity;
  quantity = readQuantity(text);
  if (quantity === undefined) return undefined;
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(text, quantity);
  return quantity;
}

function readQuantity(text: string | number): Quantity | undefined {
  const match = shape.exec(String(text));
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const binary = binaryPowers[suffix];
  if (binary !== undefined) {
    const nanos = divideUp((digits << binary) * nano, 10n ** BigInt(fraction.length));
    return { nanos: signed(sign, nanos), format: 'BinarySI' };
  }
  const byExponent = /^[eE]/.test(suffix) && suffix !== 'E';
  const power = byExponent ? Number(suffix.slice(1)) : (decimalPowers[suffix] ?? 0);
  if (Math.abs(power) > 1000) return undefined;
  const shift = power - fraction.length + 9;
  const nanos = shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
  return { nanos: signed(sign, nanos), format: byExponent ? 'DecimalExponent' : 'DecimalSI' };
}

/** The amount that text stands for; throws RangeError when it is no quantity. */
export function parseQuantity(text: string | number): Quantity {
  const quantity = tryParseQuantity(text);
  if (quantity === undefined) throw new RangeError(`not a quantity: ${JSON.stringify(text)}`);
  return quantity;
}

function signed(sign: string | undefined, nanos: bigint): bigint {
  const capped = nanos > largest ? largest : nanos;
  return sign === '-' ? -capped : capped;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function ceilTo(nanos: bigint, unit: bigint): bigint {
  const quotient = nanos / unit;
  return nanos % unit > 0n ? quotient + 1n : quotient;
}

/** Thousandths, rounded up: `0.5` and `500m` are 500. */
export function quantityToMilli(text: string | number): number {
  return Number(ceilTo(parseQuantity(text).nanos, 1_000_000n));
}

/** The amount as a floating point number. */
export function quantityToNumber(text: string | number): number {
  const { nanos } = parseQuantity(text);
  return nanos % nano === 0n ? Number(nanos / nano) : Number(nanos) / 1e9;
}

/** Whole bytes, rounded up. */
export function quantityToBytes(text: string | number): number {
  return Number(ceilTo(parseQuantity(text).nanos, nano));
}

/** The canonical text: the largest suffix that needs no fraction, in the quantity's own format. */
export function formatQuantity(quantity: Quantity): string {
  let text = written.get(quantity);
  if (text === undefined) written.set(quantity, (text = writeQuantity(quantity)));
  return text;
}

function writeQuantity(quantity: Quantity): string {
  const { nanos } = quantity;
  const size = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  if (quantity.format === 'BinarySI' && (size === 0n || size >= 1024n * nano) && size % nano === 0n) {
    return sign + formatBinary(size / nano);
  }
  return sign + formatDecimal(size, quantity.format === 'DecimalExponent');
}

function formatBinary(value: bigint): string {
  const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
  let power = 0;
  let rest = value;
  while (rest !== 0n && power < 6 && rest % 1024n === 0n) {
    rest /= 1024n;
    power += 1;
  }
  return `${rest}${suffixes[power]}`;
}

function formatDecimal(nanos: bigint, byExponent: boolean): string {
  if (nanos === 0n) return '0';
  let power = -9;
  let rest = nanos;
  while (power < 18 && rest % 1000n === 0n) {
    rest /= 1000n;
    power += 3;
  }
  if (byExponent) return power === 0 ? `${rest}` : `${rest}e${power}`;
  return `${rest}${decimalSuffixes[power] ?? ''}`;
}

/** The canonical form of a quantity's text; throws RangeError when it is none. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text));
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = parseQuantity(a).nanos - parseQuantity(b).nanos;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, in the format of `a` unless `a` is zero. */
export function addQuantities(a: string | number, b: string | number): string {
  return combine(parseQuantity(a), parseQuantity(b), 1n);
}

/** `a` without `b`, in the format of `a` unless `a` is zero. */
export function subtractQuantities(a: string | number, b: string | number): string {
  return combine(parseQuantity(a), parseQuantity(b), -1n);
}

function combine(a: Quantity, b: Quantity, factor: bigint): string {
  return formatQuantity({ nanos: a.nanos + factor * b.nanos, format: a.nanos === 0n ? b.format : a.format });
}
