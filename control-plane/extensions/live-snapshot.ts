// A snapshot that follows the cluster while somebody asks questions about placement: started by the first question,
// stopped some minutes after the last, so that a cluster nobody asks about keeps no copy.
import { namespaces, nodes, pods } from '../../api/kinds/core/index.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { podDisruptionBudgets } from '../../api/kinds/policy/index.ts';
import type { PodDisruptionBudget } from '../../api/kinds/policy/index.ts';
import type { Cancel, Clock } from '../../machinery/clock.ts';
import { createInformerFactory } from '../../machinery/informer.ts';
import type { Change, Informer, InformerFactory } from '../../machinery/informer.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { attachLookups } from '../scheduler/snapshot/lookups.ts';
import { createPodInfo } from '../scheduler/snapshot/pod-info.ts';
import { Snapshot } from '../scheduler/snapshot/snapshot.ts';

const idleMs = 300_000;

export interface LiveCluster {
  readonly snapshot: Snapshot;
  readonly pods: Informer<Pod>;
  readonly budgets: () => readonly Readonly<PodDisruptionBudget>[];
}

export interface LiveSnapshot {
  /** The cluster as it is now; starts following it when nobody did. */
  read(signal: AbortSignal): Promise<LiveCluster>;
  close(): Promise<void>;
}

interface Following {
  readonly cluster: Promise<LiveCluster>;
  readonly stop: () => Promise<void>;
}

export function createLiveSnapshot(connect: () => RestClient, clock: Clock): LiveSnapshot {
  let following: Following | undefined;
  let cancelIdle: Cancel | undefined;

  const stop = async (): Promise<void> => {
    cancelIdle?.();
    const current = following;
    following = undefined;
    await current?.stop();
  };

  return {
    async read(signal) {
      following ??= follow(connect(), clock);
      cancelIdle?.();
      cancelIdle = clock.setTimeout(() => void stop(), idleMs);
      const cluster = await following.cluster;
      signal.throwIfAborted();
      return cluster;
    },
    close: stop,
  };
}

function follow(client: RestClient, clock: Clock): Following {
  const ending = new AbortController();
  const informers = createInformerFactory(client, { clock });
  const cluster = fill(informers, ending.signal);
  cluster.catch(() => undefined); // told to whoever reads
  const running = informers.run(ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort();
    await running;
    client.close();
  };
  return { cluster, stop };
}

async function fill(informers: InformerFactory, signal: AbortSignal): Promise<LiveCluster> {
  const snapshot = new Snapshot();
  attachLookups(snapshot, informers).follow(() => undefined);
  const budgets = informers.of(podDisruptionBudgets);
  const podInformer = informers.of(pods);
  informers.of(namespaces).onDidChange(({ key, current }) => {
    snapshot.setNamespace(key, current && (current.metadata.labels ?? {}));
  });
  informers.of(nodes).onDidChange(({ key, current }) => snapshot.setNode(key, current));
  podInformer.onDidChange((change) => followPod(snapshot, change));
  await informers.whenSynced(signal);
  return { snapshot, pods: podInformer, budgets: () => budgets.list() };
}

function followPod(snapshot: Snapshot, { key, current }: Change<Pod>): void {
  const isOver = current?.status?.phase === 'Succeeded' || current?.status?.phase === 'Failed';
  if (current?.spec.nodeName && !isOver) snapshot.setPod(createPodInfo(current), current.spec.nodeName);
  else snapshot.removePod(key);
}
