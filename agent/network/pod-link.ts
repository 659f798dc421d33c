// One pod's wire: a veth pair from the pause container's network namespace to the bridge. Pure text plus two processes.
// The pod's address is a /32 behind the bridge's address, so even pods of one node talk through the node's own routing:
// Services and policies hold there without br_netfilter. Where br_netfilter is loaded it sends a translated packet
// straight to the other port, also to the one it came from: hence hairpin.
import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { ipBatch } from './command.ts';
import { macOf } from './cidr.ts';

export const bridgeName = 'ph0';

/** The host's end of a pod's wire; the name follows from the uid, so it can be found without any record. */
export function hostLinkName(podUid: string): string {
  return `phv${createHash('sha256').update(podUid).digest('hex').slice(0, 12)}`;
}

export interface PodLink {
  readonly podUid: string;
  readonly address: string;
  readonly gateway: string;
  readonly mtu: number;
}

function hostLines(link: PodLink, pid: number): string[] {
  const name = hostLinkName(link.podUid);
  return [
    `link add ${name} mtu ${link.mtu} type veth peer name eth0 mtu ${link.mtu} address ${macOf(link.address)} netns ${pid}`,
    `link set ${name} master ${bridgeName} up`,
    `link set ${name} type bridge_slave hairpin on`,
  ];
}

function podLines(link: PodLink): string[] {
  return [
    'link set lo up',
    'link set eth0 up',
    `addr replace ${link.address}/32 dev eth0`,
    `route replace ${link.gateway} dev eth0 scope link src ${link.address}`,
    `route replace default via ${link.gateway} dev eth0 src ${link.address}`,
  ];
}

/** Identifies a process's network namespace ("net:[4026532281]"); undefined when the process is gone. */
export async function netnsOf(pid: number): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

export function linkExists(podUid: string): boolean {
  return existsSync(`/sys/class/net/${hostLinkName(podUid)}`);
}

/** Makes the wire: two processes. An older wire of this pod, to another namespace, is replaced. */
export async function connectPod(link: PodLink, pid: number): Promise<void> {
  if (linkExists(link.podUid)) await disconnectPod(link.podUid);
  await ipBatch(hostLines(link, pid));
  await ipBatch(podLines(link), { netnsOfPid: pid });
}

/**
 * Whether the pod's wire is there, leads here and carries its address and routes: read from /sys and /proc alone, so that a
 * new agent can look at a hundred pods without a single process.
 */
export async function isConnected(link: PodLink, pid: number): Promise<boolean> {
  const name = hostLinkName(link.podUid);
  const host = `/sys/class/net/${name}`;
  try {
    const [master, hairpin, flags, index, peer, routes, addresses] = await Promise.all([
      readlink(`${host}/master`),
      readFile(`${host}/brport/hairpin_mode`, 'utf8'),
      readFile(`${host}/flags`, 'utf8'),
      readFile(`${host}/ifindex`, 'utf8'),
      readFile(`/proc/${pid}/root/sys/class/net/eth0/iflink`, 'utf8'),
      readFile(`/proc/${pid}/net/route`, 'utf8'),
      readFile(`/proc/${pid}/net/fib_trie`, 'utf8'),
    ]);
    const isUp = (Number(flags) & 1) === 1;
    const isPort = basename(master) === bridgeName && hairpin.trim() === '1' && isUp;
    return isPort && index === peer && hasDefaultRoute(routes, link.gateway) && hasAddress(addresses, link.address);
  } catch {
    return false; // something of it is missing: it is made again
  }
}

/** Whether a /proc/PID/net/route leads everything through eth0 to the gateway. Pure. */
export function hasDefaultRoute(routes: string, gateway: string): boolean {
  const bytes = gateway.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  const wanted = bytes.reverse().join('').toUpperCase();
  return routes.split('\n').some((line) => {
    const [device, destination, via] = line.split('\t');
    return device === 'eth0' && destination === '00000000' && via === wanted;
  });
}

/** Whether a /proc/PID/net/fib_trie holds the address as one of its own. Pure. */
export function hasAddress(trie: string, address: string): boolean {
  const lines = trie.split('\n').map((line) => line.trim());
  return lines.some((line, at) => line === `|-- ${address}` && lines[at + 1] === '/32 host LOCAL');
}

/** Sets the pod's side again on a wire that exists: repairs addresses and routes, changes nothing that is right. */
export async function refreshPod(link: PodLink, pid: number): Promise<void> {
  const name = hostLinkName(link.podUid);
  await ipBatch([`link set ${name} master ${bridgeName} up`, `link set ${name} type bridge_slave hairpin on`]);
  await ipBatch(podLines(link), { netnsOfPid: pid });
}

/** Removes the wire if there is one; the pod's end goes with it. */
export async function disconnectPod(podUid: string): Promise<void> {
  if (!linkExists(podUid)) return;
  await ipBatch([`link del ${hostLinkName(podUid)}`]).catch((error: unknown) => {
    if (linkExists(podUid)) throw error; // it may vanish by itself together with the pod's namespace
  });
}
