// IP addresses and CIDR ranges, as Go's netip understands them: no zones, no IPv4-mapped IPv6, no leading zeros.
import { isIPv4, isIPv6 } from 'node:net';
import { CelError } from '../budget.ts';
import { constant, scan } from '../cost-models.ts';
import { fn, method, type Library } from '../overload.ts';
import { bool, int, opaque, text } from '../types.ts';
import { Opaque } from '../values.ts';

export const ipType = opaque('net.IP');
export const cidrType = opaque('net.CIDR');

/** An address; its bits as one number. */
export class IpValue extends Opaque {
  readonly type = ipType;
  readonly bits: bigint;
  readonly width: 32 | 128;
  constructor(bits: bigint, width: 32 | 128) {
    super();
    this.bits = bits;
    this.width = width;
  }
  equals(other: Opaque): boolean {
    return other instanceof IpValue && other.bits === this.bits && other.width === this.width;
  }
  override toString(): string {
    if (this.width === 32) return [24n, 16n, 8n, 0n].map((shift) => (this.bits >> shift) & 255n).join('.');
    const groups = Array.from({ length: 8 }, (_group, i) => (this.bits >> BigInt(112 - 16 * i)) & 0xffffn);
    return compress(groups.map((group) => group.toString(16)));
  }
}

/** The longest run of at least two zero groups becomes `::`. */
function compress(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

/** A range of addresses, as written: host bits are kept. */
export class CidrValue extends Opaque {
  readonly type = cidrType;
  readonly ip: IpValue;
  readonly length: number;
  constructor(ip: IpValue, length: number) {
    super();
    this.ip = ip;
    this.length = length;
  }
  equals(other: Opaque): boolean {
    return other instanceof CidrValue && this.ip.equals(other.ip) && this.length === other.length;
  }
  get masked(): IpValue {
    const host = BigInt(this.ip.width - this.length);
    return new IpValue((this.ip.bits >> host) << host, this.ip.width);
  }
  contains(other: IpValue): boolean {
    return other.width === this.ip.width && new CidrValue(other, this.length).masked.equals(this.masked);
  }
  override toString(): string {
    return `${this.ip.toString()}/${this.length}`;
  }
}

/** Reads an address; a sentence when it is none. */
function readIp(value: string): IpValue | string {
  if (isIPv4(value))
    return new IpValue(
      value.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n),
      32,
    );
  if (value.includes('%')) return `IP address ${JSON.stringify(value)} with zone value is not allowed`;
  if (!isIPv6(value))
    return `IP Address ${JSON.stringify(value)} parse error during conversion from string: unable to parse IP`;
  const bits = bitsOfIpv6(value);
  if (bits >> 32n === 0xffffn) return `IPv4-mapped IPv6 address ${JSON.stringify(value)} is not allowed`;
  return new IpValue(bits, 128);
}

function bitsOfIpv6(value: string): bigint {
  // A dotted tail counts as two groups.
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(value);
  const plain =
    dotted === null
      ? value
      : value.slice(0, dotted.index) +
        [1, 3].map((i) => ((Number(dotted[i]) << 8) | Number(dotted[i + 1])).toString(16)).join(':');
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function readCidr(value: string): CidrValue | string {
  const match = /^(.*)\/(0|[1-9]\d{0,2})$/.exec(value);
  const ip = readIp(match?.[1] ?? '');
  const length = Number(match?.[2]);
  if (match === null || typeof ip === 'string' || length > ip.width)
    return `CIDR ${JSON.stringify(value)} parse error during conversion from string: network address parse error`;
  return new CidrValue(ip, length);
}

function ipOf(value: string): IpValue {
  const ip = readIp(value);
  if (typeof ip === 'string') throw new CelError(ip);
  return ip;
}

function cidrOf(value: string): CidrValue {
  const cidr = readCidr(value);
  if (typeof cidr === 'string') throw new CelError(cidr);
  return cidr;
}

/** Whether an address lies in a range that is written here. */
const within =
  (...ranges: string[]) =>
  (ip: IpValue): boolean =>
    ranges.some((range) => cidrOf(range).contains(ip));

const isLoopback = within('127.0.0.0/8', '::1/128');
const isLinkLocalUnicast = within('169.254.0.0/16', 'fe80::/10');
const isLinkLocalMulticast = within('224.0.0.0/24', 'ff02::/16');
const isMulticast = within('224.0.0.0/4', 'ff00::/8');
const isUnspecified = (ip: IpValue): boolean => ip.bits === 0n;
const isGlobalUnicast = (ip: IpValue): boolean =>
  !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip) && ip.bits !== 0xffffffffn;

const containsCidr = (outer: CidrValue, inner: CidrValue): boolean =>
  outer.length <= inner.length && outer.contains(inner.ip);

const comparingBytes = (parses: boolean, extra: number) => ({
  actual: (args: readonly unknown[]): number => 1 + extra + (parses ? Math.ceil(String(args[1]).length * 0.1) : 0),
  estimate: (args: readonly { readonly size: { readonly min: number; readonly max: number } }[]) => {
    const size = parses ? (args[1]?.size ?? { min: 0, max: Infinity }) : { min: 0, max: 0 };
    return { cost: { min: 1 + extra + Math.ceil(size.min * 0.1), max: 4 + extra * 3 + Math.ceil(size.max * 0.1) } };
  },
});

/** Functions of addresses and ranges. */
export const addresses: Library = [
  fn('ip', 'string_to_ip', [text], ipType, ipOf, scan(0)),
  fn('isIP', 'is_ip', [text], bool, (value: string) => typeof readIp(value) !== 'string', scan(0)),
  fn(
    'ip.isCanonical',
    'ip_is_canonical',
    [text],
    bool,
    (value: string) => ipOf(value).toString() === value,
    scan(0, { passes: 2 }),
  ),
  fn('string', 'ip_to_string', [ipType], text, (value: IpValue) => value.toString()),
  method('family', 'ip_family', [ipType], int, (value: IpValue) => (value.width === 32 ? 4n : 6n), constant(1)),
  method('isUnspecified', 'ip_is_unspecified', [ipType], bool, isUnspecified, constant(1)),
  method('isLoopback', 'ip_is_loopback', [ipType], bool, isLoopback, constant(1)),
  method('isLinkLocalMulticast', 'ip_is_link_local_multicast', [ipType], bool, isLinkLocalMulticast, constant(1)),
  method('isLinkLocalUnicast', 'ip_is_link_local_unicast', [ipType], bool, isLinkLocalUnicast, constant(1)),
  method('isGlobalUnicast', 'ip_is_global_unicast', [ipType], bool, isGlobalUnicast, constant(1)),
  fn('cidr', 'string_to_cidr', [text], cidrType, cidrOf, scan(0)),
  fn('isCIDR', 'is_cidr', [text], bool, (value: string) => typeof readCidr(value) !== 'string', scan(0)),
  fn('string', 'cidr_to_string', [cidrType], text, (value: CidrValue) => value.toString()),
  method(
    'containsIP',
    'cidr_contains_ip_string',
    [cidrType, text],
    bool,
    (range: CidrValue, ip: string) => range.contains(ipOf(ip)),
    comparingBytes(true, 0),
  ),
  method(
    'containsIP',
    'cidr_contains_ip_ip',
    [cidrType, ipType],
    bool,
    (range: CidrValue, ip: IpValue) => range.contains(ip),
    comparingBytes(false, 0),
  ),
  method(
    'containsCIDR',
    'cidr_contains_cidr_string',
    [cidrType, text],
    bool,
    (range: CidrValue, other: string) => containsCidr(range, cidrOf(other)),
    comparingBytes(true, 2),
  ),
  method('containsCIDR', 'cidr_contains_cidr', [cidrType, cidrType], bool, containsCidr, comparingBytes(false, 2)),
  method('ip', 'cidr_ip', [cidrType], ipType, (range: CidrValue) => range.ip, constant(1)),
  method(
    'prefixLength',
    'cidr_prefix_length',
    [cidrType],
    int,
    (range: CidrValue) => BigInt(range.length),
    constant(1),
  ),
  method(
    'masked',
    'cidr_masked',
    [cidrType],
    cidrType,
    (range: CidrValue) => new CidrValue(range.masked, range.length),
    constant(1),
  ),
];
