// A node must have what the pod asks for still free: pods, CPU, memory, ephemeral storage, extended resources.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Sentence } from '../sentences.ts';
import type { Filter, Refusal } from './filter.ts';

const name = 'NodeResourcesFit';

/** One resource that a pod asks for, and how to read a node's two sides of it. */
interface Demand {
  readonly resource: string;
  readonly requested: number;
  readonly allocatable: (node: NodeInfo) => number;
  readonly used: (node: NodeInfo) => number;
}

export const nodeResources: Filter = {
  name,
  prepare(pod) {
    const demands = demandsOf(pod);
    const refusals = new Map<number, Refusal>();
    const lacks = (node: NodeInfo, demand: Demand): boolean =>
      demand.requested > demand.allocatable(node) - demand.used(node);

    /** Bit 0: too many pods; bit i+1: demand i. */
    const shortages = (node: NodeInfo): number => {
      let bits = node.pods.size + 1 > node.maxPods ? 1 : 0;
      for (let i = 0; i < demands.length; i++) {
        const demand = demands[i];
        if (demand && lacks(node, demand)) bits |= 2 << i;
      }
      return bits;
    };
    const refuse = (bits: number, node: NodeInfo): Refusal => {
      const short = demands.filter((_, i) => bits & (2 << i));
      const resolvable = short.every((demand) => demand.requested <= demand.allocatable(node));
      const key = resolvable ? bits : -bits;
      let refusal = refusals.get(key);
      if (!refusal) {
        const reasons = short.map(({ resource }) => `Insufficient ${resource}`);
        refusal = { filter: name, reasons: bits & 1 ? ['Too many pods', ...reasons] : reasons, resolvable };
        refusals.set(key, refusal);
      }
      return refusal;
    };

    return {
      check(node) {
        const bits = shortages(node);
        return bits === 0 ? undefined : refuse(bits, node);
      },
      explain(node) {
        const bits = shortages(node);
        const short: Sentence[] = demands
          .filter((_, i) => bits & (2 << i))
          .map((demand) => explainShortage(node, demand));
        const full: Sentence = {
          key: 'tooManyPods',
          values: { node: node.name, pods: node.pods.size, limit: node.maxPods },
        };
        return bits & 1 ? [full, ...short] : short;
      },
    };
  },
};

function demandsOf({ requests }: PodInfo): Demand[] {
  const demands: Demand[] = [];
  const add = (resource: string, requested: number, allocatable: Demand['allocatable'], used: Demand['used']): void => {
    if (requested > 0) demands.push({ resource, requested, allocatable, used });
  };
  add(
    'cpu',
    requests.milliCpu,
    (node) => node.allocatable.milliCpu,
    (node) => node.requested.milliCpu,
  );
  add(
    'memory',
    requests.memoryBytes,
    (node) => node.allocatable.memoryBytes,
    (node) => node.requested.memoryBytes,
  );
  add(
    'ephemeral-storage',
    requests.storageBytes,
    (node) => node.allocatable.storageBytes,
    (node) => node.requested.storageBytes,
  );
  for (const [resource, amount] of requests.extended ?? []) {
    add(
      resource,
      amount,
      (node) => node.allocatable.extended?.get(resource) ?? 0,
      (node) => node.requested.extended?.get(resource) ?? 0,
    );
  }
  return demands;
}

function explainShortage(node: NodeInfo, { resource, requested, allocatable, used }: Demand): Sentence {
  const show = (amount: number): string => formatAmount(resource, amount);
  return {
    key: 'insufficient',
    values: {
      node: node.name,
      resource,
      free: show(allocatable(node) - used(node)),
      allocatable: show(allocatable(node)),
      requested: show(requested),
    },
  };
}

/** 300m, 1.5Gi: amounts as people write them. */
export function formatAmount(resource: string, amount: number): string {
  if (resource === 'cpu') return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
  if (resource !== 'memory' && resource !== 'ephemeral-storage') return String(amount);
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  let scaled = amount;
  let unit = 0;
  while (Math.abs(scaled) >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return `${Math.round(scaled * 10) / 10}${units[unit] ?? ''}`;
}
