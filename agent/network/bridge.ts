// The node's side of the pod network: the bridge with the podCIDR's first address, kernel settings, and one table that
// masquerades pods' traffic leaving the cluster. Everything here may be called again at any time and repairs.
import { readFile } from 'node:fs/promises';
import { createNftTable } from '../nftables/table.ts';
import type { NftTable } from '../nftables/table.ts';
import type { Logger } from '../../machinery/logger.ts';
import { ipBatch, ipJson, runCommand, setSysctl } from './command.ts';
import { formatCidr, gatewayOf, parseCidr } from './cidr.ts';
import { isLinked } from './kernel-facts.ts';
import { bridgeName } from './pod-link.ts';

/** The MTU pods get: that of the interface with the default route, or of the smallest real interface without one. */
export async function findMtu(): Promise<number> {
  const [defaultRoute] = await ipJson<{ dev: string }>('route', 'show', 'default');
  const links = await ipJson<{ ifname: string; mtu: number; operstate: string; flags: string[] }>('link', 'show', 'up');
  const own = /^(lo|ph0|ph-|phv|docker|br-|veth|dummy|ifb)/;
  const candidates = links.filter(({ ifname }) => (defaultRoute ? ifname === defaultRoute.dev : !own.test(ifname)));
  return Math.min(1500, ...candidates.map(({ mtu }) => mtu));
}

/** Bridge up with the gateway address; a bridge with another range's address is moved to this one. */
export async function ensureBridge(podCidr: string, mtu: number): Promise<void> {
  const cidr = parseCidr(podCidr);
  const range = formatCidr(cidr);
  if (await isLinked(bridgeName, { address: gatewayOf(cidr), range })) return;
  const wanted = `${gatewayOf(cidr)}/${cidr.prefix}`;
  const links = await ipJson<{ ifname: string; mtu: number; flags: string[]; linkinfo?: { info_kind?: string } }>(
    '-d',
    'link',
    'show',
    'type',
    'bridge',
  );
  const bridge = links.find(({ ifname }) => ifname === bridgeName);
  if (bridge === undefined) {
    // A fixed MAC: otherwise the bridge takes its lowest port's and changes it under the pods' feet.
    const tail =
      wanted
        .split('/')[0]
        ?.split('.')
        .map((octet) => Number(octet).toString(16).padStart(2, '0')) ?? [];
    await ipBatch([
      `link add ${bridgeName} address ${['0a', '58', ...tail].join(':')} mtu ${mtu} type bridge stp_state 0`,
    ]);
  }
  const addresses = await ipJson<{ addr_info: { family: string; local: string; prefixlen: number }[] }>(
    'addr',
    'show',
    'dev',
    bridgeName,
  );
  const present = (addresses[0]?.addr_info ?? []).filter(({ family }) => family === 'inet');
  const lines = present
    .filter(({ local, prefixlen }) => `${local}/${prefixlen}` !== wanted)
    .map(({ local, prefixlen }) => `addr del ${local}/${prefixlen} dev ${bridgeName}`);
  if (lines.length === present.length) lines.push(`addr add ${wanted} dev ${bridgeName}`);
  if (bridge?.flags.includes('UP') !== true) lines.push(`link set ${bridgeName} up`);
  await ipBatch(lines);
  // Frames between two ports pass the firewall as well, where the kernel can (br_netfilter): no pod goes around a policy.
  await ipBatch([`link set ${bridgeName} type bridge nf_call_iptables 1`]).catch(() => undefined);
}

/** Kernel settings that routing pods needs; answers those that could not be set. */
export async function ensureSysctls(): Promise<string[]> {
  const wanted: Readonly<Record<string, string>> = {
    'net/ipv4/ip_forward': '1',
    // Pods' packets leave by the bridge they came from: no ICMP redirects.
    'net/ipv4/conf/all/send_redirects': '0',
    [`net/ipv4/conf/${bridgeName}/send_redirects`]: '0',
    [`net/ipv4/conf/${bridgeName}/rp_filter`]: '2',
  };
  const failed: string[] = [];
  for (const [path, value] of Object.entries(wanted)) {
    if (!(await setSysctl(path, value))) failed.push(`${path.replaceAll('/', '.')}=${value}`);
  }
  return failed;
}

/** The masquerade table: pods' packets to anywhere outside `cluster` ranges leave with the node's address. */
export function createMasquerade(clusterPodCidr: string, serviceCidr: string): NftTable {
  const pods = formatCidr(parseCidr(clusterPodCidr));
  const table = createNftTable({
    name: 'pilothouse-pods',
    sets: { cluster: { kind: 'set', spec: 'type ipv4_addr; flags interval; auto-merge;' } },
    chains: {
      postrouting: {
        hook: 'type nat hook postrouting priority srcnat + 5;',
        rules: [`ip saddr ${pods} ip daddr != @cluster oifname != "${bridgeName}" fib saddr type != local masquerade`],
      },
    },
  });
  table.put('cluster', pods);
  table.put('cluster', formatCidr(parseCidr(serviceCidr)));
  table.put('cluster', '224.0.0.0/4');
  return table;
}

/** Docker and others set FORWARD to DROP in iptables, which no table of ours can lift: let pods' packets pass there. */
export async function openForeignForward(clusterPodCidr: string, logger: Logger): Promise<void> {
  const loaded = await readFile('/proc/net/ip_tables_names', 'utf8').catch(() => '');
  for (const program of loaded.includes('filter') ? ['iptables-legacy', 'iptables'] : ['iptables']) {
    const rules = await runCommand(program, ['-w', '5', '-S', 'FORWARD']).catch(() => '');
    if (!/^-P FORWARD (DROP|REJECT)/m.test(rules)) continue;
    for (const side of ['-s', '-d']) {
      if (rules.includes(`-A FORWARD ${side} ${clusterPodCidr} -m comment --comment pilothouse -j ACCEPT`)) continue;
      const rule = [side, clusterPodCidr, '-m', 'comment', '--comment', 'pilothouse', '-j', 'ACCEPT'];
      await runCommand(program, ['-w', '5', '-I', 'FORWARD', ...rule]);
      logger.info({ program, side, clusterPodCidr }, 'a foreign firewall drops forwarded packets; pods may pass now');
    }
  }
}
