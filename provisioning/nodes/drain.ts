// Takes the pods off a node in an orderly way: no new ones come, present ones are evicted as fast as their disruption
// budgets let them, and what is left when time is up is named with the budget's own words. Forcing is asked for, never
// assumed. The preview says beforehand which pods would go where, from the scheduler's own rehearsal.
import { systemClock } from '../../machinery/clock.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { ask } from './node-requests.ts';

export interface DrainOptions {
  /** How long budgets and graceful ends are waited for. */
  readonly timeoutMs: number;
  /** Delete without grace what is left then (or at once, when the machine is dead). */
  readonly force?: boolean;
  readonly isDead?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (left: number) => void;
}

/** Pods that stayed, each with the reason the API gave last. */
export interface DrainResult {
  readonly evicted: readonly string[];
  readonly left: readonly { readonly pod: string; readonly reason: string }[];
}

interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
}

/** Lets new pods onto the node, or keeps them off it. */
export async function setSchedulable(
  client: RestClient,
  node: string,
  schedulable: boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  const patch = { spec: { unschedulable: schedulable ? null : true } };
  return (await ask(client, 'PATCH', `/api/v1/nodes/${node}`, patch, signal)).status !== 404;
}

/** Cordons and drains; DaemonSets' pods and static ones stay, for they belong to the node. */
export async function drainNode(client: RestClient, node: string, options: DrainOptions): Promise<DrainResult> {
  const { signal } = options;
  await setSchedulable(client, node, false, signal);
  const deadline = systemClock.now() + options.timeoutMs;
  const evicted = new Set<string>();
  const reasons = new Map<string, string>();
  for (;;) {
    const pods = await drainablePods(client, node, signal);
    options.onProgress?.(pods.length);
    const isLate = options.isDead === true || systemClock.now() > deadline;
    if (pods.length === 0 || (isLate && options.force !== true)) {
      return {
        evicted: [...evicted],
        left: pods.map((pod) => ({ pod: keyOf(pod), reason: reasons.get(keyOf(pod)) ?? 'still ending' })),
      };
    }
    for (const pod of pods) {
      const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
      // A dead machine's pods end nowhere, and a late pod has had its time: no grace.
      if (isLate) {
        await ask(client, 'DELETE', path, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } }, signal);
        evicted.add(keyOf(pod));
      } else if (pod.metadata.deletionTimestamp === undefined) {
        const metadata = { name: pod.metadata.name, namespace: pod.metadata.namespace };
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata };
        const { status, body } = await ask(client, 'POST', `${path}/eviction`, eviction, signal);
        if (status === 429) reasons.set(keyOf(pod), messageOf(body));
        else evicted.add(keyOf(pod));
      }
    }
    if (isLate) return { evicted: [...evicted], left: [] };
    await systemClock.sleep(500, signal);
    signal?.throwIfAborted();
  }
}

/** What a drain would do. */
export interface DrainPreview {
  readonly moved: readonly { readonly pod: string; readonly from: string; readonly to: string }[];
  readonly pending: readonly { readonly pod: string; readonly reason: string }[];
  readonly removed: readonly string[];
  readonly budgetsBroken: readonly { readonly budget: string; readonly pods: readonly string[] }[];
}

/** Rehearses the drain on the API server; changes nothing. */
export async function previewDrain(client: RestClient, node: string, signal?: AbortSignal): Promise<DrainPreview> {
  const simulation = {
    apiVersion: 'pilothouse.io/v1',
    kind: 'Simulation',
    spec: { changes: [{ type: 'node-drained', node }] },
  };
  const { body } = await ask(client, 'POST', '/apis/pilothouse.io/v1/simulations', simulation, signal);
  return (JSON.parse(body) as { status: DrainPreview }).status;
}

async function drainablePods(client: RestClient, node: string, signal?: AbortSignal): Promise<PodObject[]> {
  const { body } = await ask(client, 'GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`, undefined, signal);
  return (JSON.parse(body) as { items: PodObject[] }).items.filter(
    ({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.kind === 'DaemonSet') !== true &&
      metadata.annotations?.['kubernetes.io/config.mirror'] === undefined,
  );
}

function keyOf({ metadata }: PodObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body; // a proxy between us and the API says it in its own words
  }
}
