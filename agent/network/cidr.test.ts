import { describe, expect, it } from 'vitest';
import { cidrContains, formatCidr, formatIpv4, gatewayOf, macOf, parseCidr, parseIpv4 } from './cidr.ts';

describe('IPv4 ranges', () => {
  it.each([
    ['10.244.1.7', 0x0af40107],
    ['255.255.255.255', 0xffffffff],
    ['0.0.0.0', 0],
  ])('reads and writes %s', (text, value) => {
    expect(parseIpv4(text)).toBe(value);
    expect(formatIpv4(value)).toBe(text);
  });

  it.each(['', '10.0.0', '10.0.0.256', 'fd00::1', '10.0.0.1/24', '1.2.3.x'])('refuses %j as an address', (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });

  it('clears the host bits of a range', () => {
    expect(formatCidr(parseCidr('10.244.1.77/24'))).toBe('10.244.1.0/24');
    expect(formatCidr(parseCidr('0.0.0.0/0'))).toBe('0.0.0.0/0');
    expect(parseCidr('10.0.0.0/30').size).toBe(4);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/64', '10.0.0/8'])('refuses %j as a range', (text) => {
    expect(() => parseCidr(text)).toThrow(/not an IPv4 range/);
  });

  it('knows what a range contains, and its gateway', () => {
    const cidr = parseCidr('10.244.1.0/24');
    expect(['10.244.1.0', '10.244.1.255', '10.244.2.0', 'fd00::1'].map((each) => cidrContains(cidr, each))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(gatewayOf(cidr)).toBe('10.244.1.1');
  });

  it('gives an address one MAC', () => {
    expect(macOf('10.244.1.7')).toBe('0a:58:0a:f4:01:07');
  });
});
