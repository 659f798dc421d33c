// Cordoned nodes take only pods that tolerate it.
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';
import { tolerates } from './tolerations.ts';

const cordoned = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' as const };
const refusal = constantRefusal('NodeUnschedulable', 'node(s) were unschedulable', false);

export const nodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  prepare(pod) {
    if (tolerates(pod.tolerations, cordoned)) return undefined;
    return {
      check: (node) => (node.unschedulable ? refusal : undefined),
      explain: (node) => (node.unschedulable ? [{ key: 'unschedulable', values: { node: node.name } }] : []),
    };
  },
};
