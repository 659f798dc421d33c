// The pod's node selector and required node affinity: every selected label, and any one of the terms.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';

const refusal = constantRefusal('NodeAffinity', "node(s) didn't match Pod's node affinity/selector", false);

/** Whether a node meets the pod's selector and required affinity. */
export function matchesNodeAffinity(pod: PodInfo, node: NodeInfo): boolean {
  return meetsSelector(pod, node) && meetsTerms(pod, node);
}

function meetsSelector(pod: PodInfo, node: NodeInfo): boolean {
  return pod.nodeSelector.every(([key, value]) => node.labels[key] === value);
}

function meetsTerms(pod: PodInfo, node: NodeInfo): boolean {
  return pod.requiredNodeTerms?.some((matches) => matches(node.labels, node.name)) ?? true;
}

export const nodeAffinity: Filter = {
  name: 'NodeAffinity',
  prepare(pod) {
    if (pod.nodeSelector.length === 0 && pod.requiredNodeTerms === undefined) return undefined;
    return {
      check: (node) => (matchesNodeAffinity(pod, node) ? undefined : refusal),
      explain(node) {
        const missing = pod.nodeSelector.filter(([key, value]) => node.labels[key] !== value);
        const labels = missing.map(([key, value]) => ({
          key: 'nodeSelector' as const,
          values: { node: node.name, label: `${key}=${value}` },
        }));
        if (meetsTerms(pod, node)) return labels;
        const terms = pod.requiredNodeTerms?.length ?? 0;
        return [...labels, { key: 'nodeAffinity', values: { node: node.name, terms } }];
      },
    };
  },
};
