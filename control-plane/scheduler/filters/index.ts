// The filters in upstream's order: cheap and final ones first.
import { dynamicResources } from './dynamic-resources.ts';
import type { Filter } from './filter.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResources } from './node-resources.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { taintToleration } from './taint-toleration.ts';
import { topologySpread } from './topology-spread.ts';
import { volumeLimits } from './volume-limits.ts';
import { volumes } from './volumes.ts';

export type { Filter, PreparedFilter, Refusal } from './filter.ts';

export const defaultFilters: readonly Filter[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResources,
  volumeLimits,
  volumes,
  topologySpread,
  interPodAffinity,
  dynamicResources,
];
