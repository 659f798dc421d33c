// The addresses that Services of type LoadBalancer may get: single IPv4 addresses, ranges `a-b` and CIDRs. Pure.

export interface AddressPool {
  has(address: string): boolean;
  /** The lowest address that is not taken. */
  free(taken: ReadonlySet<string>): string | undefined;
}

interface Range {
  first: number;
  last: number;
}

/** Reads a comma-separated list; throws a sentence that names the part that is none of the three. */
export function parsePool(text: string): AddressPool {
  const ranges = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseRange)
    .sort((a, b) => a.first - b.first);
  return {
    has(address) {
      const value = tryAddress(address);
      return value !== undefined && ranges.some(({ first, last }) => value >= first && value <= last);
    },
    free(taken) {
      for (const { first, last } of ranges) {
        for (let value = first; value <= last; value++) {
          const address = formatAddress(value);
          if (!taken.has(address)) return address;
        }
      }
      return undefined;
    },
  };
}

function parseRange(part: string): Range {
  const range = /^([\d.]+)\s*-\s*([\d.]+)$/.exec(part);
  const cidr = /^([\d.]+)\/(\d+)$/.exec(part);
  const first = tryAddress(range?.[1] ?? cidr?.[1] ?? part);
  if (first === undefined) throw new Error(`${part} is not an IPv4 address, range or CIDR`);
  if (cidr) {
    const bits = Number(cidr[2]);
    if (bits < 8 || bits > 32) throw new Error(`${part} is not an IPv4 range of sensible size`);
    const size = 2 ** (32 - bits);
    const start = Math.floor(first / size) * size;
    // Neither the network's own address nor its broadcast address serves anyone.
    return bits >= 31 ? { first: start, last: start + size - 1 } : { first: start + 1, last: start + size - 2 };
  }
  const last = range ? tryAddress(range[2] ?? '') : first;
  if (last === undefined || last < first) throw new Error(`${part} is not an IPv4 range from low to high`);
  return { first, last };
}

function tryAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
