// A new node is tainted not-ready until the node lifecycle controller has seen it ready.
import type { Node } from '../../../api/kinds/core/index.ts';
import type { AdmissionPlugin } from './admission.ts';

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' } as const;

/** The TaintNodesByCondition plugin. */
export const taintNodes: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  concerns: ({ operation, definition, subresource }) =>
    operation === 'CREATE' && subresource === '' && definition.group === '' && definition.plural === 'nodes',
  mutate({ object }) {
    const { spec } = object as Node;
    if ((spec.taints ?? []).some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
    spec.taints = [...(spec.taints ?? []), { ...taint }];
  },
};
