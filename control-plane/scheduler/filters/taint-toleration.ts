// Taints NoSchedule and NoExecute keep pods away that do not tolerate them.
import type { Taint } from '../../../api/kinds/core/index.ts';
import type { Filter, Refusal } from './filter.ts';
import { firstUntolerated, formatTaint } from './tolerations.ts';

const hard: ReadonlySet<string> = new Set(['NoSchedule', 'NoExecute']);
const name = 'TaintToleration';

export const taintToleration: Filter = {
  name,
  prepare(pod) {
    const refusals = new Map<string, Refusal>();
    const refuse = (taint: Taint): Refusal => {
      const reason = `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
      let refusal = refusals.get(reason);
      if (!refusal) refusals.set(reason, (refusal = { filter: name, reasons: [reason], resolvable: false }));
      return refusal;
    };
    return {
      check(node) {
        if (node.taints.length === 0) return undefined;
        const taint = firstUntolerated(node.taints, pod.tolerations, hard);
        return taint && refuse(taint);
      },
      explain(node) {
        const taint = firstUntolerated(node.taints, pod.tolerations, hard);
        return taint ? [{ key: 'taint', values: { node: node.name, taint: formatTaint(taint) } }] : [];
      },
    };
  },
};
