// IPv4 ranges as numbers: pure arithmetic for allocation, routes and rules.

export interface Cidr {
  /** First address, as an unsigned 32-bit number. */
  readonly base: number;
  readonly prefix: number;
  /** How many addresses the range has. */
  readonly size: number;
}

/** "10.244.1.7" → number; undefined unless it is a plain IPv4 address. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatIpv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

/** "10.244.1.0/24" → its range (host bits cleared); throws on anything else. */
export function parseCidr(text: string): Cidr {
  const [address = '', prefixText = ''] = text.split('/');
  const value = parseIpv4(address);
  const prefix = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : 33;
  if (value === undefined || prefix > 32) throw new Error(`"${text}" is not an IPv4 range such as 10.244.0.0/16`);
  const size = 2 ** (32 - prefix);
  return { base: value - (value % size), prefix, size };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.base)}/${cidr.prefix}`;
}

export function cidrContains(cidr: Cidr, address: string): boolean {
  const value = parseIpv4(address);
  return value !== undefined && value >= cidr.base && value < cidr.base + cidr.size;
}

/** The bridge's address: the first after the network's own. */
export function gatewayOf(cidr: Cidr): string {
  return formatIpv4(cidr.base + 1);
}

/** A locally administered MAC that an address always gets, so that neighbours never hold a stale one. */
export function macOf(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return ['0a', '58', ...octets].join(':');
}
