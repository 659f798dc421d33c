// Node: a machine that runs pods.
import { atomicList, boolean, define, oneOf, present, required, setOf, string, time } from '../../schema/vocabulary.ts';
import { NodeConfigSource, NodeStatus } from './node-status.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { validateNode, validateNodeUpdate } from './rules/node-rules.ts';
import { nodePrinter } from '../printing/node-printer.ts';

export class Taint extends define('io.k8s.api.core.v1.Taint', {
  effect: required(oneOf('NoExecute', 'NoSchedule', 'PreferNoSchedule')),
  key: required(string),
  timeAdded: time,
  value: string,
}) {}

export class NodeSpec extends define('io.k8s.api.core.v1.NodeSpec', {
  configSource: NodeConfigSource,
  externalID: string,
  podCIDR: string,
  podCIDRs: setOf(string, { strategy: 'merge' }),
  providerID: string,
  taints: atomicList(Taint),
  unschedulable: boolean,
}) {}

export class Node extends kind(
  'io.k8s.api.core.v1.Node',
  {
    spec: present(NodeSpec),
    status: NodeStatus,
  },
  {
    defaults: { status: () => ({}) },
  },
) {}

export const nodes: ResourceDefinition<Node> = resource(Node, {
  group: '',
  version: 'v1',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  subresources: { proxy: { kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }, status },
  storage: 'minions',
  createsStatus: true,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  selectableFields({ spec }) {
    return {
      'spec.unschedulable': String(spec.unschedulable ?? false),
    };
  },
  printer: nodePrinter,
});
