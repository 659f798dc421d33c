import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityToBytes,
  quantityToMilli,
  quantityToNumber,
  subtractQuantities,
  tryParseQuantity,
} from './quantity.ts';

describe('quantities', () => {
  it.each([
    ['0', '0'],
    ['0.5', '500m'],
    ['1500m', '1500m'],
    ['1000m', '1'],
    ['1.5', '1500m'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['512Ki', '512Ki'],
    ['0.5Mi', '512Ki'],
    ['0.5Ki', '512'],
    ['1000', '1k'],
    ['1000k', '1M'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['100E', '9223372036854775807'],
    ['1u', '1u'],
    ['0.0000000001', '1n'],
    ['-500m', '-500m'],
    ['+3', '3'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1Ei', '1Ei'],
  ])('writes %s canonically as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(['', 'abc', '1.2.3', '1 Gi', 'Gi', '1gi', '1KiB', '--1', '1e', '0x10', 'NaN', '.'])('refuses %j', (text) => {
    expect(tryParseQuantity(text)).toBeUndefined();
  });

  it.each([
    ['500m', 500],
    ['1', 1000],
    ['1.0001', 1001],
    ['-1.5', -1500],
  ])('gives %s in thousandths', (text, milli) => {
    expect(quantityToMilli(text)).toBe(milli);
  });

  it('gives bytes and numbers', () => {
    expect(quantityToBytes('1.5Ki')).toBe(1536);
    expect(quantityToBytes('100m')).toBe(1);
    expect(quantityToNumber('250m')).toBe(0.25);
    expect(quantityToNumber('2Gi')).toBe(2147483648);
  });

  it('adds and subtracts in the format of the first', () => {
    expect(addQuantities('1Gi', '512Mi')).toBe('1536Mi');
    expect(addQuantities('0', '512Mi')).toBe('512Mi');
    expect(subtractQuantities('1', '250m')).toBe('750m');
    expect(subtractQuantities('1Gi', '1Gi')).toBe('0');
  });

  const amounts = fc.tuple(
    fc.integer({ min: -1e9, max: 1e9 }),
    fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi', 'u', 'e3', 'e-3'),
  );
  const texts = amounts.map(([number, suffix]) => `${number}${suffix}`);

  it('keeps the amount when it writes canonically, and writes that the same again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const canonical = canonicalQuantity(text);
        expect(compareQuantities(canonical, text)).toBe(0);
        expect(canonicalQuantity(canonical)).toBe(canonical);
        expect(formatQuantity(parseQuantity(text))).toBe(canonical);
      }),
    );
  });

  it('orders as it subtracts, and takes back what it added', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Math.sign(compareQuantities(a, b))).toBe(Math.sign(compareQuantities(subtractQuantities(a, b), '0')));
        expect(compareQuantities(subtractQuantities(addQuantities(a, b), b), a)).toBe(0);
      }),
    );
  });
});
