// Host ports of this node's pods, by address translation (Docker publishes none for containers that join a pod). Costs
// nothing while no pod has one: no table. Ports at 127.0.0.1 work as well: the pods are here, so only the bridge has to
// carry packets from a loopback address, and none may come in by it to one.
import type { Pod } from '../../api/kinds/core/index.ts';
import type { ObjectReader } from '../../machinery/informer.ts';
import type { Informer } from '../../machinery/informer.ts';
import { createNftTable } from '../nftables/table.ts';
import type { NftTable } from '../nftables/table.ts';
import { runBatchLoop } from './batch-loop.ts';
import { setSysctl } from './command.ts';
import type { NetworkLoopOptions } from './contract.ts';
import { planHostPorts } from './plan-host-ports.ts';
import type { HostPortPlan } from './plan-host-ports.ts';
import { bridgeName } from './pod-link.ts';

export interface HostPortsOptions extends NetworkLoopOptions {
  /** The pods of this node. */
  readonly pods: Informer<Pod>;
}

function createHostPortsTable(): NftTable {
  const target = 'ipv4_addr . inet_service';
  const translate = 'fib daddr type local meta l4proto { tcp, udp, sctp } jump translate';
  return createNftTable({
    name: 'pilothouse-host-ports',
    sets: {
      anywhere: { kind: 'map', spec: `type inet_proto . inet_service : ${target};` },
      at: { kind: 'map', spec: `type ipv4_addr . inet_proto . inet_service : ${target};` },
      hairpin: { kind: 'set', spec: 'type ipv4_addr . ipv4_addr;' },
    },
    chains: {
      translate: {
        rules: [
          'dnat ip to ip daddr . meta l4proto . th dport map @at',
          'dnat ip to meta l4proto . th dport map @anywhere',
        ],
      },
      loopback: {
        hook: 'type filter hook prerouting priority raw;',
        rules: [`iifname "${bridgeName}" ip daddr 127.0.0.0/8 drop`],
      },
      prerouting: { hook: 'type nat hook prerouting priority dstnat + 5;', rules: [translate] },
      output: { hook: 'type nat hook output priority -95;', rules: [translate] },
      postrouting: {
        hook: 'type nat hook postrouting priority srcnat + 3;',
        rules: [
          `ct status dnat ip saddr 127.0.0.0/8 oifname "${bridgeName}" masquerade`,
          'ct status dnat ip saddr . ip daddr @hairpin masquerade',
        ],
      },
    },
  });
}

function stage(table: NftTable, previous: HostPortPlan | undefined, next: HostPortPlan): void {
  for (const set of ['anywhere', 'at'] as const) {
    for (const key of previous?.[set].keys() ?? []) if (!next[set].has(key)) table.remove(set, key);
    for (const [key, value] of next[set]) table.put(set, key, value);
  }
  const pair = (address: string): string => `${address} . ${address}`;
  for (const address of previous?.pods ?? []) if (!next.pods.has(address)) table.remove('hairpin', pair(address));
  for (const address of next.pods) table.put('hairpin', pair(address));
}

const hasHostPort = (pod: Readonly<Pod>): boolean =>
  [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].some(({ ports }) =>
    ports?.some((port) => port.hostPort),
  );

const podsOf = (reader: ObjectReader<Pod>, nodeName: string): Readonly<Pod>[] =>
  reader.list().filter((pod) => pod.spec.nodeName === nodeName && hasHostPort(pod));

/** Runs until the signal aborts; the rules stay. */
export async function runHostPorts({ pods, nodeName, logger, clock, signal }: HostPortsOptions): Promise<void> {
  if (
    !(await pods.whenSynced(signal).then(
      () => true,
      () => false,
    ))
  )
    return;
  let table = createHostPortsTable();
  let plan: HostPortPlan | undefined;
  let isClear = false; // whether the kernel surely holds no table of an earlier run
  const allowLoopback = (): Promise<boolean> => setSysctl(`net/ipv4/conf/${bridgeName}/route_localnet`, '1');
  await runBatchLoop({
    name: 'host ports',
    subscribe(add) {
      add('pods');
      return pods.onDidChange(({ current, previous }) => {
        if ([current, previous].some((pod) => pod !== undefined && hasHostPort(pod))) add('pods');
      });
    },
    async sync() {
      const next = planHostPorts(podsOf(pods, nodeName));
      if (next.pods.size === 0) {
        if (!isClear) await table.destroy();
        table = createHostPortsTable();
        plan = undefined;
        isClear = true;
        return;
      }
      stage(table, plan, next);
      plan = next;
      isClear = false;
      await table.commit();
      await allowLoopback(); // after the rules that guard it
    },
    async repair() {
      if (plan === undefined) return;
      if (await table.repair()) logger.warn('the host port rules had been tampered with; loaded them anew');
      await allowLoopback();
    },
    repairEveryMs: 10_000,
    logger,
    clock,
    signal,
  });
}
