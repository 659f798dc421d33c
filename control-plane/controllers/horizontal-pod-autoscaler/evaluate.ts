// One metric of an autoscaler: ask for its figures, and say how many replicas they call for.
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
} from '../../../api/kinds/autoscaling/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { MetricsReader } from './metrics.ts';
import type { PodMetrics, Proposal, Tolerance } from './replica-count.ts';
import { quantityToNumber } from '../../../api/meta/quantity.ts';
import { isReady } from '../pod-state.ts';
import { replicasForAverage, replicasForRatio, replicasForUtilization } from './replica-count.ts';

export interface Scaled {
  pods: readonly Readonly<Pod>[];
  /** The selector of the pods, as text. */
  selector: string;
  specReplicas: number;
  statusReplicas: number;
}

export interface Evaluation {
  replicas: number;
  status: MetricStatus;
  /** What the answer goes by, for the event. */
  name: string;
}

const milliOf = (amount: string | number | undefined): number => Math.round(quantityToNumber(amount ?? '0') * 1000);
const quantityOf = (milli: number): string => (milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`);

export function toleranceOf({ spec }: Readonly<HorizontalPodAutoscaler>): Tolerance {
  const of = (given: string | number | undefined): number => (given === undefined ? 0.1 : quantityToNumber(given));
  return { up: of(spec.behavior?.scaleUp?.tolerance), down: of(spec.behavior?.scaleDown?.tolerance) };
}

/** Throws when the figures are not to be had. */
export async function evaluateMetric(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  metric: Readonly<MetricSpec>,
  scaled: Scaled,
  reader: MetricsReader,
  nowMs: number,
): Promise<Evaluation> {
  const namespace = autoscaler.metadata.namespace ?? '';
  const tolerance = toleranceOf(autoscaler);
  const { type, resource, containerResource, pods, object, external } = metric;
  if (type === 'Resource' && resource) {
    const metrics = await reader.resource(namespace, scaled.selector, resource.name);
    const { proposal, current } = evaluateResource(
      resource.name,
      resource.target,
      undefined,
      metrics,
      scaled,
      tolerance,
      nowMs,
    );
    return {
      replicas: proposal.replicas,
      name: `${resource.name} resource`,
      status: { type, resource: { name: resource.name, current } },
    };
  }
  if (type === 'ContainerResource' && containerResource) {
    const { name, container, target } = containerResource;
    const metrics = await reader.resource(namespace, scaled.selector, name, container);
    const { proposal, current } = evaluateResource(name, target, container, metrics, scaled, tolerance, nowMs);
    return {
      replicas: proposal.replicas,
      name: `${name} container resource`,
      status: { type, containerResource: { name, container, current } },
    };
  }
  if (type === 'Pods' && pods) {
    const metrics = await reader.pods(namespace, scaled.selector, pods.metric);
    const proposal = known(
      replicasForAverage(
        scaled.pods,
        metrics,
        milliOf(pods.target.averageValue),
        scaled.specReplicas,
        false,
        tolerance,
        nowMs,
      ),
    );
    return {
      replicas: proposal.replicas,
      name: `pods metric ${pods.metric.name}`,
      status: { type, pods: { metric: pods.metric, current: { averageValue: quantityOf(proposal.average) } } },
    };
  }
  if (type === 'Object' && object) {
    const value = await reader.object(namespace, object.describedObject, object.metric);
    const { replicas, current } = evaluateTotal(value, object.target, scaled, tolerance);
    return {
      replicas,
      name: `${object.describedObject.kind} metric ${object.metric.name}`,
      status: { type, object: { describedObject: object.describedObject, metric: object.metric, current } },
    };
  }
  if (type === 'External' && external) {
    const values = await reader.external(namespace, external.metric);
    const { replicas, current } = evaluateTotal(
      values.reduce((sum, value) => sum + value, 0),
      external.target,
      scaled,
      tolerance,
    );
    return {
      replicas,
      name: `external metric ${external.metric.name}`,
      status: { type, external: { metric: external.metric, current } },
    };
  }
  throw new Error(`the metric type ${type} needs its own description`);
}

function evaluateResource(
  name: string,
  target: Readonly<MetricTarget>,
  container: string | undefined,
  metrics: PodMetrics,
  scaled: Scaled,
  tolerance: Tolerance,
  nowMs: number,
): { proposal: Proposal; current: { averageUtilization?: number; averageValue: string } } {
  const isCpu = name === 'cpu';
  if (target.averageValue !== undefined) {
    const proposal = known(
      replicasForAverage(
        scaled.pods,
        metrics,
        milliOf(target.averageValue),
        scaled.specReplicas,
        isCpu,
        tolerance,
        nowMs,
      ),
    );
    return { proposal, current: { averageValue: quantityOf(proposal.average) } };
  }
  const requestOf = (pod: Readonly<Pod>): number | undefined => requestMilli(pod, name, container);
  const proposal = replicasForUtilization(
    scaled.pods,
    metrics,
    requestOf,
    target.averageUtilization ?? 80,
    scaled.specReplicas,
    isCpu,
    tolerance,
    nowMs,
  );
  if (proposal === undefined && scaled.pods.some((pod) => requestOf(pod) === undefined))
    throw new Error(`missing request for ${name}: a share of it cannot be told`);
  const { current, average } = known(proposal);
  return { proposal: known(proposal), current: { averageUtilization: current, averageValue: quantityOf(average) } };
}

/** One figure for all: either its own target, or one per replica. */
function evaluateTotal(
  milli: number,
  target: Readonly<MetricTarget>,
  scaled: Scaled,
  tolerance: Tolerance,
): { replicas: number; current: { value?: string; averageValue?: string } } {
  const ready = scaled.pods.filter(isReady).length;
  if (target.averageValue !== undefined) {
    const perReplica = milliOf(target.averageValue);
    const count = scaled.statusReplicas || 1;
    const ratio = milli / (perReplica * count);
    const replicas =
      ratio >= 1 - tolerance.down && ratio <= 1 + tolerance.up ? scaled.statusReplicas : Math.ceil(milli / perReplica);
    return { replicas, current: { averageValue: quantityOf(Math.ceil(milli / count)) } };
  }
  return {
    replicas: replicasForRatio(milli / milliOf(target.value), ready, scaled.specReplicas, tolerance),
    current: { value: quantityOf(milli) },
  };
}

function known(proposal: Proposal | undefined): Proposal {
  if (proposal === undefined) throw new Error('no ready pod has a figure yet');
  return proposal;
}

/** What a pod asks for of a resource, in milli-units; undefined when one of its containers does not say. */
export function requestMilli(
  pod: Readonly<Pick<Pod, 'spec'>>,
  name: string,
  container: string | undefined,
): number | undefined {
  let sum = 0;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const one of [...pod.spec.containers, ...sidecars]) {
    if (container !== undefined && one.name !== container) continue;
    const request = one.resources?.requests?.[name];
    if (request === undefined) return undefined;
    sum += milliOf(request);
  }
  return sum;
}
