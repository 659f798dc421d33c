// A range of IPv4 addresses as numbers. Pure.
import { isIPv4 } from 'node:net';

/** The addresses of a CIDR block without its network and broadcast addresses. */
export interface Ipv4Range {
  readonly cidr: string;
  readonly first: number;
  readonly last: number;
}

/** Parses `a.b.c.d/len`; throws a RangeError for anything else. */
export function parseIpv4Range(cidr: string): Ipv4Range {
  const [address = '', lengthText = ''] = cidr.split('/');
  const length = Number(lengthText);
  if (!isIPv4(address) || lengthText === '' || !Number.isInteger(length) || length < 8 || length > 30) {
    throw new RangeError(`${JSON.stringify(cidr)} is not an IPv4 range between /8 and /30`);
  }
  const size = 2 ** (32 - length);
  const network = Math.floor(ipv4ToNumber(address) / size) * size;
  return { cidr, first: network + 1, last: network + size - 2 };
}

/** An address as a number. */
export function ipv4ToNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** A number as an address. */
export function numberToIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/**
 * The part of the range that automatic allocation prefers: above min(max(16, size/16), 256) addresses, so that
 * addresses chosen by hand have a quiet lower part (KEP-3070).
 */
export function dynamicStart({ first, last }: Ipv4Range): number {
  const size = last - first + 2;
  return first + Math.min(Math.max(16, Math.floor(size / 16)), 256);
}
