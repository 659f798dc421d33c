// Many nodes in one process: each registers, renews its lease and runs its pods at once, without a single container. They
// share one watch of pods, so a thousand nodes cost little more than their heartbeats.
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Pod } from '../../api/kinds/core/index.ts';
import { isApiError } from '../../api/meta/status.ts';
import { systemClock } from '../../machinery/clock.ts';
import type { Clock } from '../../machinery/clock.ts';
import { runController, watchFor } from '../../machinery/controller.ts';
import { createInformer } from '../../machinery/informer.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createLogger } from '../../machinery/logger.ts';
import type { Logger } from '../../machinery/logger.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import type { MachineFacts } from '../kubelet/node/machine-facts.ts';
import { createNodeReporter } from '../kubelet/node/run-node.ts';
import { isTerminalPhase } from '../kubelet/plan/pod-phase.ts';
import { pods } from '../kubelet/resources.ts';
import { createHollowAddresses } from './hollow-network.ts';
import type { HollowAddresses } from './hollow-network.ts';
import { createHollowServer } from './hollow-server.ts';
import type { HollowDoor } from './hollow-server.ts';
import { endsAtMs, hollowPodStatus } from './hollow-pod.ts';

export interface HollowNodesOptions {
  readonly count: number;
  /** Nodes are called PREFIX-1, PREFIX-2, … */
  readonly namePrefix?: string;
  readonly kubeconfig: string;
}

export interface HollowFoundations {
  readonly client: RestClient;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

const cpus = 8;
const memoryBytes = 32 * 1024 ** 3;
const diskBytes = 200 * 1024 ** 3;
const podsPerNode = 110;
const podWorkers = 16;
/** Between two registrations, so that heartbeats do not all come at once. */
const spreadMs = 10;

/** Runs the nodes of the kubeconfig's cluster until the signal aborts. */
export async function runHollowNodes(options: HollowNodesOptions, signal: AbortSignal): Promise<void> {
  const logger = createLogger('hollow-nodes');
  const transport = createHttpsTransport(clusterOf(loadKubeconfig(options.kubeconfig)), { spread: true, logger });
  const client = createRestClient({ transport, userAgent: 'pilothouse-hollow' });
  try {
    await runHollowNodesOn(options, { client, logger }, signal);
  } finally {
    client.close();
  }
}

/** As `runHollowNodes`, on a client that is already there. */
export async function runHollowNodesOn(
  { count, namePrefix = 'hollow' }: Pick<HollowNodesOptions, 'count' | 'namePrefix'>,
  { client, clock = systemClock, logger = createLogger('hollow-nodes') }: HollowFoundations,
  signal: AbortSignal,
): Promise<void> {
  setMaxListeners(0, signal);
  const names = Array.from({ length: count }, (_, index) => `${namePrefix}-${index + 1}`);
  const byNode = new Map(names.map((name) => [name, new Map<string, Readonly<Pod>>()]));
  const server = await createHollowServer({ clock, podsOf: (name) => [...(byNode.get(name)?.values() ?? [])] });
  try {
    const doors = new Map<string, HollowDoor>();
    for (const [index, name] of names.entries()) doors.set(name, await server.open(name, addressOf(index)));
    const running = [runPods(doors, byNode, client, clock, logger, signal)];
    for (const [name, door] of doors) {
      if (signal.aborted) break;
      running.push(runNode(name, door, client, clock, logger, signal));
      await clock.sleep(spreadMs, signal);
    }
    await Promise.all(running);
  } finally {
    await server.close();
  }
}

/** The node's own loopback address: nothing that asks for it ever leaves this computer. */
function addressOf(index: number): string {
  return `127.77.${(index + 1) >> 8}.${(index + 1) & 255}`;
}

function runNode(
  name: string,
  door: HollowDoor,
  client: RestClient,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const reporter = createNodeReporter({
    client,
    identity: {
      name,
      addresses: [door.address],
      labels: { 'pilothouse.io/hollow': 'true' },
      taints: [],
      maxPods: podsPerNode,
      listenPort: door.port,
      runtimeVersion: 'hollow://1.0.0',
      recursiveReadOnly: false,
      diskBytes,
      reserved: {},
    },
    machine: hollowMachine(name),
    health: () => Promise.resolve({ notReady: [], memoryPressure: false, diskPressure: false, pidPressure: false }),
    images: () => Promise.resolve([]),
    clock,
    logger,
    signal,
  });
  return reporter.run();
}

function hollowMachine(name: string): MachineFacts {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return {
    hostname: name,
    architecture: 'amd64',
    cpus,
    memoryBytes,
    swapBytes: 0,
    bootId: id,
    machineId: id,
    systemUuid: id,
    kernelVersion: '0.0.0-hollow',
    osImage: 'Hollow node',
  };
}

/** Runs the pods of all nodes. */
async function runPods(
  doors: ReadonlyMap<string, HollowDoor>,
  byNode: ReadonlyMap<string, Map<string, Readonly<Pod>>>,
  client: RestClient,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const addresses = createHollowAddresses();
  const byUid = new Map<string, Readonly<Pod>>();
  const informer = createInformer({
    client,
    resource: pods,
    fieldSelector: 'spec.nodeName!=',
    clock,
    logger,
    transform: slim,
  });
  informer.onDidChange(({ current, previous }) => {
    if (current !== undefined) {
      byUid.set(current.metadata.uid, current);
      byNode.get(current.spec.nodeName ?? '')?.set(current.metadata.uid, current);
      return;
    }
    const uid = previous?.metadata.uid ?? '';
    byUid.delete(uid);
    byNode.get(previous?.spec.nodeName ?? '')?.delete(uid);
    addresses.free(uid);
  });
  const running = informer.run(signal);
  await runController({
    name: 'hollow-pods',
    sources: [watchFor(informer, ({ metadata, spec }) => (doors.has(spec.nodeName ?? '') ? [metadata.uid] : []))],
    reconcile: async (uid) => {
      const pod = byUid.get(uid);
      const hostIp = doors.get(pod?.spec.nodeName ?? '')?.address;
      return pod === undefined || hostIp === undefined
        ? undefined
        : reconcilePod(pod, hostIp, client, addresses, clock);
    },
    workers: podWorkers,
    signal,
    clock,
    logger,
  });
  await running;
}

async function reconcilePod(
  pod: Readonly<Pod>,
  hostIp: string,
  client: RestClient,
  addresses: HollowAddresses,
  clock: Clock,
): Promise<{ requeueAfterMs?: number } | undefined> {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  const api = client.resource(pods, namespace);
  try {
    if (deletionTimestamp !== undefined) {
      await api.delete(name, { gracePeriodSeconds: 0, preconditions: { uid } });
      return undefined;
    }
    if (isTerminalPhase(pod.status?.phase)) return undefined;
    const nowMs = clock.now();
    const startedAtMs = Date.parse(pod.status?.startTime ?? '') || nowMs;
    const endMs = endsAtMs(pod, startedAtMs);
    const isCurrent = pod.status?.phase === 'Running' && (endMs === undefined || endMs > nowMs);
    if (!isCurrent) {
      const podIp = pod.status?.podIP ?? addresses.of(uid);
      const status = hollowPodStatus(pod, { podIp, hostIp, startedAtMs, nowMs });
      await api.patch(name, { type: 'strategic', body: { metadata: { uid }, status } }, { subresource: 'status' });
    }
    return endMs === undefined || endMs <= nowMs ? undefined : { requeueAfterMs: endMs - nowMs };
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** What a hollow node needs of a pod; thousands of them are kept. */
function slim(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, annotations, generation } =
    pod.metadata;
  const seconds = annotations?.['hollow.pilothouse.io/run-seconds'];
  const light = (containers: Pod['spec']['containers']): Pod['spec']['containers'] =>
    containers.map(({ name: container, image, resources, restartPolicy }) => ({
      name: container,
      image,
      resources,
      restartPolicy,
    }));
  const { nodeName, hostNetwork, restartPolicy, containers, initContainers } = pod.spec;
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      creationTimestamp,
      ...(generation !== undefined && { generation }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(seconds !== undefined && { annotations: { 'hollow.pilothouse.io/run-seconds': seconds } }),
    },
    spec: {
      nodeName,
      hostNetwork,
      restartPolicy,
      containers: light(containers),
      ...(initContainers !== undefined && { initContainers: light(initContainers) }),
    },
    ...(pod.status !== undefined && {
      status: {
        phase: pod.status.phase,
        startTime: pod.status.startTime,
        podIP: pod.status.podIP,
        qosClass: pod.status.qosClass,
        conditions: pod.status.conditions,
      },
    }),
  };
}
