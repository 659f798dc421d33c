import { expect, test } from 'vitest';
import { addressAt, cidrContains, cidrsOverlap, parseCidr, type Cidr } from './cidr.ts';

const range = (text: string): Cidr => {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};

test.each([
  ['10.0.0.0/8', true],
  ['0.0.0.0/0', true],
  ['255.255.255.0/24', true],
  ['10.0.0.1/8', false], // host bits
  ['10.0.0.0', false],
  ['10.0.0.0/33', false],
  ['fd00::/8', false],
  ['', false],
])('%s is a network: %s', (text, expected) => {
  expect(parseCidr(text) !== undefined).toBe(expected);
});

test.each([
  ['10.0.0.0/8', '10.96.0.0/16', true],
  ['10.96.0.0/16', '10.97.0.0/16', false],
  ['192.168.0.0/24', '192.168.0.128/25', true],
  ['0.0.0.0/0', '203.0.113.0/24', true],
])('%s and %s overlap: %s', (a, b, expected) => {
  expect(cidrsOverlap(range(a), range(b))).toBe(expected);
  expect(cidrsOverlap(range(b), range(a))).toBe(expected);
});

test('membership and the n-th address agree', () => {
  const services = range('10.96.0.0/16');
  expect(addressAt(services, 10)).toBe('10.96.0.10');
  expect(addressAt(range('255.255.255.0/24'), 255)).toBe('255.255.255.255');
  expect(cidrContains(services, addressAt(services, 65_535))).toBe(true);
  expect(cidrContains(services, '10.97.0.0')).toBe(false);
});
