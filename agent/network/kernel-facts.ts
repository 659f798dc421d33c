// What the kernel says of this machine's routes and addresses, read from /proc without starting a process: so that
// looking after the network every few seconds costs next to nothing.
import { readFile } from 'node:fs/promises';
import { formatIpv4 } from './cidr.ts';

export interface KernelRoute {
  readonly dev: string;
  /** "10.244.2.0/24" */
  readonly destination: string;
  /** Absent on a segment of the machine's own. */
  readonly gateway?: string;
}

/** /proc/net/route writes addresses as the machine's integers, which are little-endian wherever Node runs. */
function fromHex(hex: string): string {
  const value = Number.parseInt(hex, 16);
  return formatIpv4(
    ((value & 255) * 2 ** 24 + ((value >>> 8) & 255) * 2 ** 16 + ((value >>> 16) & 255) * 256 + (value >>> 24)) >>> 0,
  );
}

/** Reads the text of /proc/net/route. Pure. */
export function parseRoutes(text: string): KernelRoute[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [dev, destination, gateway, , , , , mask] = line.trim().split(/\s+/);
      if (dev === undefined || destination === undefined || gateway === undefined || mask === undefined) return [];
      const prefix = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length;
      const via = gateway === '00000000' ? {} : { gateway: fromHex(gateway) };
      return [{ dev, destination: `${fromHex(destination)}/${prefix}`, ...via }];
    });
}

/** Whether the text of /proc/net/fib_trie lists the address as the machine's own. Pure. */
export function listsLocalAddress(fibTrie: string, address: string): boolean {
  const at = fibTrie.indexOf(`|-- ${address}\n`);
  return at >= 0 && /^\s+\/32 host LOCAL/.test(fibTrie.slice(fibTrie.indexOf('\n', at) + 1));
}

/** The IPv4 routes of the main table. */
export async function readRoutes(): Promise<KernelRoute[]> {
  return parseRoutes(await readFile('/proc/net/route', 'utf8'));
}

/** Whether an interface that is up holds this address and the route to this range: what `ip` would have to set up. */
export async function isLinked(dev: string, o: { address?: string; range: string }): Promise<boolean> {
  const routes = await readRoutes();
  if (!routes.some((route) => route.dev === dev && route.destination === o.range)) return false;
  return o.address === undefined || listsLocalAddress(await readFile('/proc/net/fib_trie', 'utf8'), o.address);
}
