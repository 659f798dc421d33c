// What a drill's plan stands on, read from the cluster at once: its target, the pods and Services it concerns, machines,
// members, and the scheduler's own rehearsal.
import type { DrillTarget, EtcdMember, WhatIf, WhatIfAnswer } from '../../../api/console/index.ts';
import { nodes, pods, type Node, type Pod } from '../../../api/kinds/core/index.ts';
import { endpointSlices, type EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { ClusterSpec } from '../../../provisioning/index.ts';
import type { HealthProbe } from '../clusters/health.ts';
import type { Context } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { rehearse, type PodLost } from '../placement/what-if.ts';

export interface DrillFacts {
  readonly target: DrillTarget;
  readonly holdSeconds: number;
  readonly apiReady: boolean;
  /** Checks of the API server that fail. */
  readonly failing: readonly string[];
  readonly members: readonly EtcdMember[];
  readonly nodes: readonly Node[];
  /** The pods that are concerned: the one, or those on the machine. */
  readonly pods: readonly Pod[];
  readonly slices: readonly EndpointSlice[];
  /** Absent where the cluster cannot rehearse. */
  readonly rehearsal?: WhatIfAnswer;
  /** Absent for clusters that were not built here: their machines cannot be logged in to. */
  readonly spec?: Pick<ClusterSpec, 'machines' | 'settings'>;
}

/** Reads them; throws ApiError `NotFound` for a pod or machine that is not there. */
export async function drillFacts(
  { clusters, runs }: Context,
  id: string,
  target: DrillTarget,
  holdSeconds: number,
): Promise<DrillFacts> {
  const { session, origin } = clusters.get(id);
  const { client, health } = session;
  await firstAnswer(health, session.signal);
  const { ready, failing, etcdMembers, reachable } = health.now;
  const [nodeList, concerned, slices, spec] = await Promise.all([
    client.resource<Node>(nodes).list(),
    podsOf(client, target),
    client.resource<EndpointSlice>(endpointSlices, target.kind === 'pod' ? target.namespace : undefined).list(),
    origin === 'built' ? runs.specOf(id) : undefined,
  ]);
  if (target.kind !== 'pod') await client.resource<Node>(nodes).get(target.machine);
  return {
    target,
    holdSeconds,
    apiReady: reachable === true && ready,
    failing,
    members: etcdMembers,
    nodes: nodeList.items,
    pods: concerned,
    slices: slices.items,
    rehearsal: await rehearsed(client, target),
    spec,
  };
}

/** A console that has just begun has not asked yet how the cluster is. */
async function firstAnswer(health: HealthProbe, signal: AbortSignal): Promise<void> {
  if (health.now.reachable !== undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = health.onDidChange(() => resolve());
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  stop();
}

async function podsOf(client: RestClient, target: DrillTarget): Promise<readonly Pod[]> {
  if (target.kind === 'pod') return [await client.resource<Pod>(pods, target.namespace).get(target.name)];
  const fieldSelector = `spec.nodeName=${target.machine}`;
  const found = (await client.resource<Pod>(pods).list({ fieldSelector })).items;
  return found.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
}

/** A stopped control plane displaces no pod. */
async function rehearsed(client: RestClient, target: DrillTarget): Promise<WhatIfAnswer | undefined> {
  if (target.kind === 'master') return { moved: [], placed: [], pending: [], removed: [], budgetsBroken: [] };
  const change: WhatIf | PodLost =
    target.kind === 'pod'
      ? { type: 'pod-lost', namespace: target.namespace, name: target.name }
      : { type: 'node-lost', node: target.machine };
  try {
    return await rehearse(client, [change]);
  } catch (error) {
    if (error instanceof ServiceError && error.error.reason === 'NotSupported') return undefined;
    throw error;
  }
}
