// Taints NoSchedule and NoExecute keep pods away that do not tolerate them.
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';
import { firstUntolerated, formatTaint } from './tolerations.ts';

const hard: ReadonlySet<string> = new Set(['NoSchedule', 'NoExecute']);
const name = 'TaintToleration';
const refusal = constantRefusal(name, 'node(s) had untolerated taint(s)', false);

export const taintToleration: Filter = {
  name,
  prepare: (pod) => ({
    check(node) {
      if (node.taints.length === 0) return undefined;
      return firstUntolerated(node.taints, pod.tolerations, hard) && refusal;
    },
    explain(node) {
      const taint = firstUntolerated(node.taints, pod.tolerations, hard);
      return taint ? [{ key: 'taint', values: { node: node.name, taint: formatTaint(taint) } }] : [];
    },
  }),
};
