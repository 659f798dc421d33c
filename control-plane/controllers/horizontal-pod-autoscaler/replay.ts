// What an autoscaler would have done with a load that was recorded: the controller's own rules, one period after the other.
// What all pods together used is taken as given, however many there were; figures of a load that its pods could not carry
// are therefore too low. Pure.
import type { HorizontalPodAutoscaler, MetricSpec } from '../../../api/kinds/autoscaling/index.ts';
import { quantityToNumber } from '../../../api/meta/quantity.ts';
import { createMemory, limitReplicas } from './behavior.ts';
import { toleranceOf } from './evaluate.ts';
import { replicasForRatio } from './replica-count.ts';

/** What a workload's pods used together, and how many they were. */
export interface Load {
  /** Unix ms. */
  readonly time: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

/** What one pod asks for; undefined when it does not say. */
export interface Requests {
  readonly cpuMilli?: number;
  readonly memoryBytes?: number;
}

export interface ReplayStep {
  readonly time: number;
  readonly replicas: number;
  /** What held it back from what the metrics asked for, if anything did. */
  readonly heldBy?: string;
}

const periodMs = 15_000;

/** Why a metric cannot be replayed; undefined when it can. */
export function whyNotReplayed(metric: Readonly<MetricSpec>, requests: Requests): string | undefined {
  const name = metric.resource?.name;
  if (metric.type !== 'Resource' || (name !== 'cpu' && name !== 'memory'))
    return `only cpu and memory of whole pods are recorded, not a metric of type ${metric.type}${name === undefined ? '' : ` (${name})`}`;
  if (metric.resource?.target.averageUtilization !== undefined && requestOf(name, requests) === undefined)
    return `a share of the request needs one: a container of the workload asks for no ${name}`;
  return undefined;
}

/** Steps of 15 s from the first load to the last, which are in order of time. Metrics that cannot be replayed are left out. */
export function replayAutoscaler(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  loads: readonly Load[],
  requests: Requests,
): ReplayStep[] {
  const { minReplicas = 1, maxReplicas, metrics = [] } = autoscaler.spec;
  const usable = metrics.filter((metric) => whyNotReplayed(metric, requests) === undefined);
  const tolerance = toleranceOf(autoscaler);
  const memory = createMemory();
  const [first] = loads;
  const last = loads.at(-1);
  if (first === undefined || last === undefined || usable.length === 0) return [];
  let replicas = Math.min(Math.max(Math.round(first.pods), minReplicas, 1), maxReplicas);
  const steps: ReplayStep[] = [];
  let index = 0;
  for (let time = first.time; time <= last.time; time += periodMs) {
    while ((loads[index + 1]?.time ?? Number.POSITIVE_INFINITY) <= time) index++;
    const load = loads[index] ?? first;
    const asked = usable.map((metric) =>
      replicasForRatio(ratioOf(metric, load, replicas, requests), replicas, replicas, tolerance),
    );
    const limited = limitReplicas(autoscaler, memory, replicas, Math.max(...asked), time);
    if (limited.replicas !== replicas) memory.changes.push({ by: limited.replicas - replicas, atMs: time });
    replicas = limited.replicas;
    steps.push({ time, replicas, ...(limited.reason !== undefined && { heldBy: limited.reason }) });
  }
  return steps;
}

function requestOf(name: string | undefined, requests: Requests): number | undefined {
  return name === 'cpu' ? requests.cpuMilli : requests.memoryBytes;
}

/** What so many pods would have used, each, against the target. */
function ratioOf({ resource }: Readonly<MetricSpec>, load: Load, replicas: number, requests: Requests): number {
  if (resource === undefined) return 1;
  const each = (resource.name === 'cpu' ? load.cpuMilli : load.memoryBytes) / replicas;
  const { averageUtilization, averageValue } = resource.target;
  if (averageValue !== undefined) return each / (quantityToNumber(averageValue) * (resource.name === 'cpu' ? 1000 : 1));
  const percent = Math.trunc((each * 100) / (requestOf(resource.name, requests) ?? 1));
  return percent / (averageUtilization ?? 80);
}
