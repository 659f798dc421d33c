// IP addresses and CIDRs as text: what is one, and of which family. Strict: no leading zeros, no zones.

/** The address family of text, or undefined when it is no IP address. */
export function ipFamily(text: string): 'IPv4' | 'IPv6' | undefined {
  if (isIPv4(text)) return 'IPv4';
  return isIPv6(text) ? 'IPv6' : undefined;
}

function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || text === '') return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const embedded = last.includes('.');
  if (embedded && !isIPv4(last)) return false;
  const words = embedded ? groups.slice(0, -1) : groups;
  const length = groups.length + (embedded ? 1 : 0);
  if (!words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return false;
  return halves.length === 2 ? length < 8 : length === 8;
}

/** The family of a CIDR such as `10.0.0.0/8`, or undefined when it is none. */
export function cidrFamily(text: string): 'IPv4' | 'IPv6' | undefined {
  const [address = '', bits = '', rest] = text.split('/');
  const family = ipFamily(address);
  if (family === undefined || rest !== undefined || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined;
  return Number(bits) <= (family === 'IPv4' ? 32 : 128) ? family : undefined;
}
