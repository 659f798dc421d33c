// IPv4 networks as numbers: parsing, overlap, membership and the n-th address.
import ipaddr from 'ipaddr.js';

/** A network: its first address as an unsigned number, and the length of its prefix. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

/** The network that `text` ("10.0.0.0/8") names; undefined when it is not one or has host bits set. */
export function parseCidr(text: string): Cidr | undefined {
  if (!ipaddr.IPv4.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text);
  const base = toNumber(address);
  return base % 2 ** (32 - prefix) === 0 ? { base, prefix } : undefined;
}

/** The network in which the address of `text` ("10.0.0.5/8") lies; undefined when that is not an address with a prefix. */
export function networkOf(text: string): Cidr | undefined {
  if (!ipaddr.IPv4.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text);
  const value = toNumber(address);
  return { base: value - (value % 2 ** (32 - prefix)), prefix };
}

/** True when the two networks share an address. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + size(b) && b.base < a.base + size(a);
}

/** True when the dotted `address` lies in `range`. */
export function cidrContains(range: Cidr, address: string): boolean {
  const value = toNumber(ipaddr.IPv4.parse(address));
  return value >= range.base && value < range.base + size(range);
}

/** The `index`-th address of `range`, dotted. */
export function addressAt(range: Cidr, index: number): string {
  const value = range.base + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function size(range: Cidr): number {
  return 2 ** (32 - range.prefix);
}

function toNumber(address: ipaddr.IPv4): number {
  return address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
}
