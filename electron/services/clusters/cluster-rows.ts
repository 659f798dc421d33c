// The live rows of one cluster, kept from shared informers that start when a screen first asks.
// A table is ready with the first page of its list: a screen of a large cluster fills while the rest is read.
// Machines carry the load of their pods, so the pods of a cluster are followed as soon as its machines are shown.
import type { ConsoleError, DeploymentRow, EventRow, NodeRow, PodRow } from '../../../api/console/index.ts';
import { deployments, type Deployment } from '../../../api/kinds/apps/index.ts';
import { events, nodes, pods, type Event, type Node, type Pod } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { createInformer, type Change, type InformerFactory } from '../../../machinery/informer.ts';
import type { ResourceRef, RestClient } from '../../../machinery/rest-client.ts';
import { toConsoleError } from '../errors.ts';
import { deploymentRow } from '../projections/deployment.ts';
import { eventRow } from '../projections/event.ts';
import { nodeRow, noLoad, type NodeLoad } from '../projections/node.ts';
import { podRow } from '../projections/pod.ts';
import { createRowTable, type RowTable } from '../streams/row-table.ts';

export interface ClusterRows {
  readonly pods: RowTable<PodRow>;
  readonly nodes: RowTable<NodeRow>;
  readonly deployments: RowTable<DeploymentRow>;
  readonly events: RowTable<EventRow>;
}

const refusalMs = 10_000;

interface Source {
  readonly client: RestClient;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Applied to every object before it is kept. */
  readonly transform?: (object: KubernetesObject) => KubernetesObject;
  /** The namespace of the kubeconfig: what is followed when the whole cluster may not be listed. */
  readonly namespace?: string;
  /** Called when that becomes so. */
  readonly onLimited?: (namespace: string) => void;
}

/** Informers try again quietly; a person wants to know at once that the API refuses them a list. */
function watchRefusal<T extends KubernetesObject>(
  { client, clock, signal }: Source,
  resource: ResourceRef<T>,
  hasSynced: () => boolean,
  refuse: (error: ConsoleError) => void,
): void {
  const ask = async (): Promise<void> => {
    while (!signal.aborted && !hasSynced()) {
      try {
        await client.resource(resource).list({ limit: 1, signal });
      } catch (error) {
        const shown = toConsoleError(error);
        // What cannot be reached is told by the cluster's health.
        if (shown.reason === 'Forbidden' || shown.reason === 'Unauthorized') refuse(shown);
      }
      await clock.sleep(refusalMs, signal);
    }
  };
  void ask();
}

/** The same objects of the kubeconfig's own namespace alone, for people who may not list the whole cluster. */
function createLimited<T extends KubernetesObject>(
  { client, clock, signal, transform, namespace, onLimited }: Source,
  resource: ResourceRef<T>,
  onChange: (change: Change<T>) => void,
  onReady: () => void,
): { begin(): void; hasSynced(): boolean } {
  let isReady = false;
  let hasBegun = false;
  return {
    hasSynced: () => isReady,
    begin() {
      if (hasBegun || namespace === undefined || !resource.namespaced) return;
      hasBegun = true;
      const own = createInformer<T>({
        client,
        resource,
        namespace,
        clock,
        transform: transform && ((object) => transform(object) as T),
      });
      own.onDidChange(onChange);
      own.run(signal).catch(() => undefined); // it ends with the session
      own.whenSynced(signal).then(
        () => {
          isReady = true;
          onReady();
          onLimited?.(namespace);
        },
        () => undefined, // the cluster was closed before
      );
    },
  };
}

function follow<T extends KubernetesObject, Row extends { uid: string }>(
  source: Source,
  resource: ResourceRef<T>,
  project: (object: T) => Row,
  onRow?: (current: Row | undefined, previous: Row | undefined) => void,
): RowTable<Row> {
  const { informers, clock, signal } = source;
  const table = createRowTable<Row>(clock);
  const informer = informers.of<T>(resource);
  let hasBegun = false;
  const onChange = ({ current, previous }: Change<T>): void => {
    // A name that was deleted and made again arrives as one change between two uids.
    const oldUid = previous?.metadata.uid;
    const old = oldUid === undefined ? undefined : table.get(oldUid);
    const row = current === undefined ? undefined : project(current as T);
    if (oldUid !== undefined && oldUid !== row?.uid) table.remove(oldUid);
    if (row !== undefined) table.put(row);
    onRow?.(row, old);
    if (!hasBegun) queueMicrotask(table.markReady); // once the first page is in
    hasBegun = true;
  };
  informer.onDidChange(onChange);
  const limited = createLimited(source, resource, onChange, table.markReady);
  const hasSynced = (): boolean => informer.hasSynced() || limited.hasSynced();
  watchRefusal(source, resource, hasSynced, (error) => {
    table.refuse(error);
    if (error.reason === 'Forbidden') limited.begin();
  });
  informer.whenSynced(signal).then(table.markReady, () => undefined); // rejects only when the cluster is closed
  return table;
}

function createLoads(onDidChange: (node: string) => void): {
  of(node: string): NodeLoad;
  onPod(current: PodRow | undefined, previous: PodRow | undefined): void;
} {
  const loads = new Map<string, NodeLoad>();
  const add = (pod: PodRow | undefined, sign: 1 | -1): void => {
    if (pod?.node === undefined || pod.over) return;
    const load = loads.get(pod.node) ?? noLoad;
    loads.set(pod.node, {
      pods: load.pods + sign,
      cpuMilli: load.cpuMilli + sign * pod.cpuMilli,
      memoryBytes: load.memoryBytes + sign * pod.memoryBytes,
    });
  };
  const weighs = (pod: PodRow | undefined): string =>
    pod === undefined ? '' : `${pod.node ?? ''} ${pod.cpuMilli} ${pod.memoryBytes} ${pod.over}`;
  return {
    of: (node) => loads.get(node) ?? noLoad,
    onPod(current, previous) {
      if (weighs(current) === weighs(previous)) return;
      add(previous, -1);
      add(current, 1);
      for (const node of new Set([current?.node, previous?.node])) if (node !== undefined) onDidChange(node);
    },
  };
}

/** The rows of a cluster; nothing is watched before a table is first read. */
export function createClusterRows(source: Source): ClusterRows {
  const made: { -readonly [K in keyof ClusterRows]?: ClusterRows[K] } = {};
  const loads = createLoads((name) => {
    const node = source.informers.of<Node>(nodes).get(name);
    if (node !== undefined) made.nodes?.put(nodeRow(node as Node, loads.of(name)));
  });
  return {
    get pods() {
      return (made.pods ??= follow<Pod, PodRow>(source, pods, podRow, loads.onPod));
    },
    get nodes() {
      made.pods ??= follow<Pod, PodRow>(source, pods, podRow, loads.onPod);
      return (made.nodes ??= follow<Node, NodeRow>(source, nodes, (node) =>
        nodeRow(node, loads.of(node.metadata.name)),
      ));
    },
    get deployments() {
      return (made.deployments ??= follow<Deployment, DeploymentRow>(source, deployments, deploymentRow));
    },
    get events() {
      return (made.events ??= follow<Event, EventRow>(source, events, eventRow));
    },
  };
}
