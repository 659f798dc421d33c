// Host ports are given once per node, address and protocol.
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';

const refusal = constantRefusal('NodePorts', "node(s) didn't have free ports for the requested pod ports", true);

export const nodePorts: Filter = {
  name: 'NodePorts',
  prepare(pod) {
    if (pod.hostPorts.length === 0) return undefined;
    return {
      check: (node) => (pod.hostPorts.some((port) => node.hasPortConflict(port)) ? refusal : undefined),
      explain: (node) =>
        pod.hostPorts
          .filter((port) => node.hasPortConflict(port))
          .map(({ port, protocol }) => ({ key: 'hostPort', values: { node: node.name, port, protocol } })),
    };
  },
};
