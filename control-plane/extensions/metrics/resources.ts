// The resources of metrics.k8s.io: what nodes and pods use right now. Computed when asked for, never stored.
import { kind } from '../../../api/kinds/kind.ts';
import { resource, type ResourceDefinition } from '../../../api/kinds/resource.ts';
import { define, list, map, quantity, required, string, time } from '../../../api/schema/vocabulary.ts';

const group = 'io.k8s.metrics.pkg.apis.metrics.v1beta1';

/** What one container uses. */
export class ContainerMetrics extends define(`${group}.ContainerMetrics`, {
  name: required(string),
  usage: required(map(quantity)),
}) {}

/** What one node uses, averaged over a window that ended at the timestamp. */
export class NodeMetrics extends kind(`${group}.NodeMetrics`, {
  timestamp: time,
  window: string,
  usage: required(map(quantity)),
}) {}

/** What the containers of one pod use. */
export class PodMetrics extends kind(`${group}.PodMetrics`, {
  timestamp: time,
  window: string,
  containers: required(list(ContainerMetrics)),
}) {}

export const nodeMetrics: ResourceDefinition<NodeMetrics> = resource(NodeMetrics, {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'nodes',
  singular: '',
  namespaced: false,
  verbs: ['get', 'list'],
});

export const podMetrics: ResourceDefinition<PodMetrics> = resource(PodMetrics, {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  plural: 'pods',
  singular: '',
  namespaced: true,
  verbs: ['get', 'list'],
});
