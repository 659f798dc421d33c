// Ranges of addresses: whether one holds an address or another range. IPv4 and IPv6 never hold each other. Pure.
import ipaddr from 'ipaddr.js';

/** A range with the network bits of its first address. */
export interface Range {
  readonly bytes: readonly number[];
  readonly prefix: number;
}

/** Reads `10.96.0.0/16` or `fd00::/108`; undefined for anything else. */
export function parseRange(text: string): Range | undefined {
  if (!ipaddr.isValidCIDR(text)) return undefined;
  const [address, prefix] = ipaddr.parseCIDR(text);
  return { bytes: address.toByteArray(), prefix };
}

/** An address as the range that holds it alone; undefined for what is none. */
export function parseAddress(text: string): Range | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  const bytes = ipaddr.parse(text).toByteArray();
  return { bytes, prefix: bytes.length * 8 };
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: Range, inner: Range): boolean {
  if (outer.bytes.length !== inner.bytes.length || outer.prefix > inner.prefix) return false;
  for (let bit = 0; bit < outer.prefix; bit += 8) {
    const mask = 0xff & (0xff << Math.max(0, 8 - (outer.prefix - bit)));
    if (((outer.bytes[bit >> 3] ?? 0) & mask) !== ((inner.bytes[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}

/** Whether two ranges share an address. */
export function overlaps(a: Range, b: Range): boolean {
  return contains(a, b) || contains(b, a);
}
