// pilothouse.io/v1 autoscalerreplays: what an autoscaler would have made of the load that was recorded.
//   POST …/namespaces/NS/autoscalerreplays {"spec":{"autoscaler":{…a HorizontalPodAutoscaler's spec…},"from":T,"to":T}}
// Changes nothing: the autoscaler is checked and filled in by a dry run.
import { deployments, replicaSets, statefulSets } from '../../api/kinds/apps/index.ts';
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../api/kinds/autoscaling/index.ts';
import { replicationControllers, type Pod } from '../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import { badRequest } from '../../api/meta/status.ts';
import type { ResourceRef, RestClient } from '../../machinery/rest-client.ts';
import { requestMilli } from '../controllers/horizontal-pod-autoscaler/evaluate.ts';
import {
  replayAutoscaler,
  whyNotReplayed,
  type Load,
  type Requests,
} from '../controllers/horizontal-pod-autoscaler/replay.ts';
import { seriesOf } from '../usage/series-of.ts';
import type { UsageReader } from '../usage/usage-reader.ts';
import type { ExtensionRequest } from '../server/options.ts';
import { readSpan } from './usage-span.ts';

/** Of the load that is replayed, and of the answer. */
const points = 1_000;
const longestMs = 7 * 24 * 3_600_000;

type Workload = KubernetesObject & { spec: { template?: Pick<Pod, 'spec'> } };
const workloads: Readonly<Record<string, ResourceRef<KubernetesObject>>> = {
  Deployment: deployments,
  ReplicaSet: replicaSets,
  StatefulSet: statefulSets,
  ReplicationController: replicationControllers,
};

/** Answers the question. Throws ApiError BadRequest, Invalid and NotFound. */
export async function serveAutoscalerReplay(
  reader: UsageReader,
  client: RestClient,
  request: ExtensionRequest,
  nowMs: number,
): Promise<object> {
  const { namespace } = request.info;
  const { spec } = ((await request.body()) ?? {}) as { spec?: { autoscaler?: unknown; from?: unknown; to?: unknown } };
  if (namespace === '' || typeof spec?.autoscaler !== 'object' || spec.autoscaler === null)
    throw badRequest('a replay is asked for in a namespace, with the spec of an autoscaler in spec.autoscaler');
  const { from, to } = readSpan({ from: spec.from, to: spec.to }, nowMs, longestMs);
  const draft = { metadata: { generateName: 'replay-' }, spec: spec.autoscaler } as HorizontalPodAutoscaler;
  const autoscaler = await client
    .resource<HorizontalPodAutoscaler>(horizontalPodAutoscalers, namespace)
    .create(draft, { dryRun: true, signal: request.signal });
  const { kind, name } = autoscaler.spec.scaleTargetRef;
  const requests = await requestsOf(client, namespace, kind, name);
  const isWanted = seriesOf({ kind, namespace, name });
  const found = await reader.read({ isWanted, from, to, points });
  const loads = found.map(({ time, series, cpuMilli, memoryBytes }): Load => ({
    time,
    pods: series,
    cpuMilli: Number.isNaN(cpuMilli) ? 0 : cpuMilli,
    memoryBytes: Number.isNaN(memoryBytes) ? 0 : memoryBytes,
  }));
  const unusable = (autoscaler.spec.metrics ?? []).flatMap((metric) => whyNotReplayed(metric, requests) ?? []);
  const steps = replayAutoscaler(autoscaler, loads, requests);
  const iso = (time: number): string => new Date(time).toISOString();
  let index = 0;
  const items = loads.map((load) => {
    while ((steps[index + 1]?.time ?? Number.POSITIVE_INFINITY) <= load.time) index++;
    const step = steps[index];
    return {
      time: iso(load.time),
      cpuMilli: Math.round(load.cpuMilli),
      memoryBytes: Math.round(load.memoryBytes),
      recorded: Math.round(load.pods),
      ...(step !== undefined && { proposed: step.replicas, ...(step.heldBy !== undefined && { heldBy: step.heldBy }) }),
    };
  });
  const changes = steps.filter(({ replicas }, at) => at > 0 && steps[at - 1]?.replicas !== replicas).length;
  const sizes = steps.map(({ replicas }) => replicas);
  return {
    apiVersion: 'pilothouse.io/v1',
    kind: 'AutoscalerReplay',
    metadata: { namespace },
    status: {
      from: iso(from),
      to: iso(to),
      unusable,
      ...(steps.length > 0 && {
        changes,
        least: Math.min(...sizes),
        most: Math.max(...sizes),
        mean: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
        recordedMean: loads.reduce((sum, load) => sum + load.pods, 0) / loads.length,
      }),
      items,
    },
  };
}

async function requestsOf(client: RestClient, namespace: string, kind: string, name: string): Promise<Requests> {
  const resource = Object.hasOwn(workloads, kind) ? workloads[kind] : undefined;
  if (resource === undefined)
    throw badRequest(`a replay needs a workload of kind ${Object.keys(workloads).join(', ')}, not ${kind}`);
  const { spec } = (await client.resource(resource, namespace).get(name)) as Workload;
  const of = (resourceName: string): number | undefined =>
    spec.template === undefined ? undefined : requestMilli(spec.template, resourceName, undefined);
  const memoryMilli = of('memory');
  return { cpuMilli: of('cpu'), ...(memoryMilli !== undefined && { memoryBytes: memoryMilli / 1000 }) };
}
