// The kubelet: pods of this node from the API, what runs from the runtime, and one loop that brings them together. Adopts
// what an earlier agent started; touches nothing until the runtime and the API have both been seen in full.
import type { Node, Pod, Service } from '../../api/kinds/core/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import { createTrigger, runController, watchFor } from '../../machinery/controller.ts';
import type { Source } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import { createInformer } from '../../machinery/informer.ts';
import type { Informer } from '../../machinery/informer.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import { createPodVolumes } from '../volumes/pod-volumes.ts';
import { createTokenSource } from '../volumes/service-account-tokens.ts';
import { createAdmission } from './admission/admit-pod.ts';
import { isStatic } from './admission/plan-admission.ts';
import { createMirrorPods } from './static/mirror-pods.ts';
import { runStaticPods } from './static/run-static-pods.ts';
import type { PodCgroups } from './cgroups/pod-cgroups.ts';
import type { Pressure } from './eviction/pressure.ts';
import { runHousekeeping } from './eviction/run-housekeeping.ts';
import { createImagePuller } from './images/image-puller.ts';
import { createObjectWatches } from './object-watches.ts';
import { fieldPathOf } from './parts.ts';
import type { KubeletParts, NodeFacts, PodNetworkPart } from './parts.ts';
import { createRestartBackoff } from './plan/restart-backoff.ts';
import { createObservations } from './pods/observations.ts';
import { createPodManager } from './pods/pod-manager.ts';
import type { PodManager } from './pods/pod-manager.ts';
import { createStartGate } from './pods/start-gate.ts';
import { createProber } from './probes/prober.ts';
import type { ShutdownGrace } from './shutdown/plan-shutdown.ts';
import { shutDownPods } from './shutdown/shut-down-pods.ts';
import { nodes as nodeResource, pods } from './resources.ts';
import { createUsageReader } from './stats/usage.ts';
import type { UsageReader } from './stats/usage.ts';
import { createStatusWriter } from './status/status-writer.ts';

const startsAtOnce = 4;
/** A worker waits with its pod (for a grace, a pull): there must be one for every pod. */
const podWorkers = 512;
const keepObjectsMs = 60_000;

export interface KubeletOptions {
  readonly client: RestClient;
  readonly runtime: ContainerRuntime;
  readonly network: PodNetworkPart;
  readonly services: Informer<Service>;
  readonly nodes: Informer<Node>;
  readonly node: NodeFacts;
  readonly isShuttingDown: () => boolean;
  readonly pressure: Pressure;
  readonly softEvictionGraceSeconds: number;
  /** Folder of static pods' manifests. */
  readonly manifestDir?: string;
  readonly cgroups: PodCgroups;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Kubelet {
  readonly manager: PodManager;
  readonly parts: KubeletParts;
  readonly usage: UsageReader;
  /** This node's pods as the API has them. */
  readonly pods: Informer<Pod>;
  /** Ends all pods because the machine shuts down. New ones are refused by `isShuttingDown`. */
  shutDown(grace: ShutdownGrace): Promise<void>;
  /** Runs until the signal aborts; containers keep running. */
  run(): Promise<void>;
}

/** Looks at what runs, and makes a kubelet that knows it. Rejects when the runtime does not answer. */
export async function createKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { client, runtime, network, services, nodes, node, clock, logger, signal } = options;
  const trigger = createTrigger();
  const enqueue = (podUid: string): void => trigger.enqueue(podUid);
  const recorder = createEventRecorder({ client, component: 'kubelet', host: node.name, clock, logger });
  const observations = createObservations({ runtime, clock, logger });
  await observations.relist();
  const adopted = new Set(observations.podUids());

  const objects = createObjectWatches({
    client,
    clock,
    logger,
    signal,
    onChange: (key) => manager.usersOf(key).forEach(enqueue),
  });
  const prober = createProber({
    runtime,
    clock,
    onChange: enqueue,
    onUnhealthy: (pod, { name }, message) =>
      recorder.record(pod as Pod, 'Warning', 'Unhealthy', message, fieldPathOf(pod, name)),
  });
  const mirrors = createMirrorPods({
    client,
    node: async () => ({
      name: node.name,
      uid: (await client.resource(nodeResource).get(node.name, { signal })).metadata.uid,
    }),
    isStatic,
    logger,
  });
  const parts: KubeletParts = {
    node,
    runtime,
    observations,
    puller: createImagePuller({ images: runtime.images, clock }),
    prober,
    volumes: createPodVolumes({ dataDir: node.dataDir, claims: objects }),
    network,
    status: createStatusWriter({ client, clock, logger, signal }),
    backoff: createRestartBackoff(),
    gate: createStartGate(startsAtOnce),
    cgroups: options.cgroups,
    admission: createAdmission({
      ...node,
      node: async (fresh, mustKnow) => {
        if (mustKnow) await nodes.whenSynced(signal);
        else if (nodes.get(node.name) === undefined) return bareNode(node);
        const known = fresh ? undefined : nodes.get(node.name);
        return known ?? client.resource(nodeResource).get(node.name, { signal });
      },
      isShuttingDown: options.isShuttingDown,
      all: () => manager.records(),
    }),
    objects,
    tokens: createTokenSource({ client, clock }),
    services: async (mustKnow) => {
      if (mustKnow) await services.whenSynced(signal);
      return services.list();
    },
    mirrors,
    record: (object, ...event) => recorder.record(object as Node, ...event),
    clock,
    logger,
  };
  const manager = createPodManager(parts, adopted);
  const informer = createInformer({
    client,
    resource: pods,
    fieldSelector: `spec.nodeName=${node.name}`,
    clock,
    logger,
  });

  const usage = createUsageReader({ observations, clock });

  const followPods = (): void => {
    informer.onDidChange(({ current, previous }) => {
      const pod = current ?? previous;
      if (pod === undefined) return;
      const isPicture = current === undefined ? mirrors.gone(pod) : mirrors.seen(pod);
      if (isPicture) void syncMirrors();
      else if (current !== undefined) manager.set(current);
      else manager.remove(pod.metadata.uid);
    });
    isFollowing = true;
    manager.markComplete();
    // What was found running may be told to end only now.
    observations.podUids().forEach(enqueue);
  };
  let isFollowing = false;
  let staticPods: readonly Pod[] = [];
  /** Pictures are made once the API's own pods are known, and again whenever a pod's own status has to go somewhere. */
  const syncMirrors = async (): Promise<void> => {
    if (!isFollowing) return;
    await mirrors.sync(staticPods);
    for (const { metadata } of staticPods) enqueue(metadata.uid);
  };
  const setStaticPods = (next: readonly Pod[]): void => {
    const uids = new Set(next.map(({ metadata }) => metadata.uid));
    for (const { metadata } of staticPods.filter(({ metadata: { uid } }) => !uids.has(uid))) {
      manager.remove(metadata.uid);
      enqueue(metadata.uid);
    }
    staticPods = next;
    for (const pod of next) {
      manager.set(pod);
      enqueue(pod.metadata.uid);
    }
    void syncMirrors();
  };
  /** Resolves when the folder has been read once; nothing that it names counts as forgotten before. */
  const followManifests = (folder: string): Promise<void> =>
    new Promise((resolve) => {
      const onPods = (next: readonly Pod[]): void => {
        setStaticPods(next);
        resolve();
      };
      void runStaticPods({ folder, nodeName: node.name, onPods, clock, logger, signal }).then(resolve);
    });
  /** What ran when the agent started is looked at once, also where the API no longer has it. */
  const found: Source = {
    whenSynced: () => Promise.resolve(),
    start(add) {
      observations.podUids().forEach((podUid) => add(podUid));
      return () => undefined;
    },
  };
  const forgetObjects = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(keepObjectsMs, signal);
      objects.keepFor(manager.records().map(({ pod }) => pod));
    }
  };

  return {
    manager,
    parts,
    usage,
    pods: informer,
    shutDown: (grace) => shutDownPods(parts, manager.records(), grace, enqueue),
    async run() {
      const watching = informer.run(signal);
      const { manifestDir } = options;
      const manifests = manifestDir === undefined ? Promise.resolve() : followManifests(manifestDir);
      const ready = Promise.all([informer.whenSynced(signal), manifests]).then(followPods);
      const apiPods = watchFor(informer, ({ metadata }) => [metadata.uid]);
      // Static pods do not wait for the API.
      const loop = (manifestDir === undefined ? ready : manifests).then(() => {
        const controlling = runController({
          name: 'pods',
          sources: [{ ...apiPods, whenSynced: () => Promise.resolve() }, trigger, found],
          reconcile: (podUid) => manager.reconcile(podUid, signal),
          workers: podWorkers,
          backoff: { initialMs: 250, maxMs: 10_000 },
          signal,
          clock,
          logger,
        });
        const observing = observations.run(enqueue, signal);
        const housekeeping =
          runtime.kind === 'hollow'
            ? undefined
            : runHousekeeping({
                parts,
                manager,
                usage,
                pressure: options.pressure,
                softGraceSeconds: options.softEvictionGraceSeconds,
                enqueue,
                signal,
              });
        return Promise.all([controlling, observing, housekeeping]);
      });
      await Promise.all([watching, forgetObjects(), ready, loop]).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      prober.close();
      await recorder.flush();
    },
  };
}

/** What is known of this node without the API; enough for what it runs by itself. */
function bareNode({ name }: NodeFacts): Node {
  const metadata = { name, uid: '', resourceVersion: '', creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Node', metadata, spec: {} };
}
