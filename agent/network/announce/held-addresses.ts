// Load balancer addresses held by this machine: put on the interface of their segment under a label of ours, which finds
// them again after a restart, and made known by gratuitous ARP, so that neighbours turn to this machine at once.
import { networkInterfaces } from 'node:os';
import { readFile } from 'node:fs/promises';
import { cidrContains, parseCidr } from '../cidr.ts';
import { ipBatch, ipJson, setSysctl } from '../command.ts';

const label = 'phlb';

export interface HeldAddress {
  readonly address: string;
  readonly dev: string;
}

/** The interface whose range holds the address, else the one with the node's own address. */
export function findInterface(address: string, nodeIp: string): string | undefined {
  const interfaces = Object.entries(networkInterfaces()).filter(
    ([name]) => !/^(lo|ph0|ph-|phv|docker|br-|veth)/.test(name),
  );
  const holds = (test: (entry: { address: string; cidr: string | null }) => boolean): string | undefined =>
    interfaces.find(([, entries = []]) => entries.some((entry) => entry.family === 'IPv4' && test(entry)))?.[0];
  const inRange = holds(({ cidr }) => cidr !== null && !cidr.endsWith('/32') && cidrContains(parseCidr(cidr), address));
  return inRange ?? holds((entry) => entry.address === nodeIp);
}

/** What this machine holds now, whoever put it there under our label. */
export async function listHeld(): Promise<HeldAddress[]> {
  const links = await ipJson<{ ifname: string; addr_info?: { local: string; label?: string }[] }>('-4', 'addr', 'show');
  return links.flatMap(({ ifname, addr_info = [] }) =>
    addr_info
      .filter((info) => info.label === `${ifname}:${label}`)
      .map(({ local }) => ({ address: local, dev: ifname })),
  );
}

/** Takes addresses and tells the segment. */
export async function hold(addresses: readonly HeldAddress[]): Promise<void> {
  await ipBatch(addresses.map(({ address, dev }) => `addr replace ${address}/32 dev ${dev} label ${dev}:${label}`));
  for (const dev of new Set(addresses.map((each) => each.dev))) await announce(dev);
}

export async function release(addresses: readonly HeldAddress[]): Promise<void> {
  await ipBatch(
    addresses.map(({ address, dev }) => `addr del ${address}/32 dev ${dev}`),
    { force: true },
  );
}

/**
 * Makes the kernel send gratuitous ARP for every address of an interface: it does so, where arp_notify is set, when the
 * interface's hardware address is set, also to what it is. No packet socket and no other program is needed for it.
 */
export async function announce(dev: string): Promise<void> {
  await setSysctl(`net/ipv4/conf/${dev}/arp_notify`, '1');
  const mac = (await readFile(`/sys/class/net/${dev}/address`, 'utf8')).trim();
  await ipBatch([`link set ${dev} address ${mac}`]);
}
