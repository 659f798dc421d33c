// A pod that names its node goes nowhere else.
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';

const refusal = constantRefusal('NodeName', "node(s) didn't match the requested node name", false);

export const nodeName: Filter = {
  name: 'NodeName',
  prepare(pod) {
    const wanted = pod.pod.spec.nodeName;
    if (!wanted) return undefined;
    return {
      check: (node) => (node.name === wanted ? undefined : refusal),
      explain: (node) => (node.name === wanted ? [] : [{ key: 'otherNode', values: { node: node.name, wanted } }]),
    };
  },
};
