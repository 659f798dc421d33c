// The filters in upstream's order: cheap and final ones first.
import { dynamicResources } from './dynamic-resources.ts';
import type { Filter } from './filter.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResources } from './node-resources.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { topologySpread } from './topology-spread.ts';
import { volumeLimits } from './volume-limits.ts';
import { volumeZone } from './volume-zone.ts';
import { volumes } from './volumes.ts';

export type { Filter, PreparedFilter, Refusal } from './filter.ts';

/** By the names that upstream's scheduler configuration has for its plugins, in the order in which they are asked. */
export const filtersByPlugin: Readonly<Record<string, Filter>> = {
  NodeUnschedulable: nodeUnschedulable,
  NodeName: nodeName,
  TaintToleration: taintToleration,
  NodeAffinity: nodeAffinity,
  NodePorts: nodePorts,
  NodeResourcesFit: nodeResources,
  NodeVolumeLimits: volumeLimits,
  VolumeBinding: volumes,
  VolumeZone: volumeZone,
  PodTopologySpread: topologySpread,
  InterPodAffinity: interPodAffinity,
  DynamicResources: dynamicResources,
};

/** Those that no profile can do without. */
export const permanentFilters: readonly Filter[] = [schedulingGates];

export const defaultFilters: readonly Filter[] = [...permanentFilters, ...Object.values(filtersByPlugin)];
