// Deletes what has lost its owners, for every resource of the cluster: in the background, in the foreground (dependents
// first) or not at all (orphans). An owner counts as absent only when the server itself says so.
import type { KubernetesObject, OwnerReference } from '../../../api/meta/object-meta.ts';
import type { DiscoveredResource } from '../../../machinery/discovery.ts';
import type { Change } from '../../../machinery/informer.ts';
import type { ResourceClient } from '../../../machinery/rest-client.ts';
import type { ControllerContext } from '../context.ts';
import type { GraphNode } from './graph.ts';
import type { OwnerState } from './plan.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController } from '../../../machinery/controller.ts';
import { createOwnerGraph } from './graph.ts';
import { createMonitors } from './monitors.ts';
import { foregroundFinalizer, orphanFinalizer, planGarbage } from './plan.ts';

/** Runs until the context's signal aborts. */
export function runGarbageCollector(context: ControllerContext): Promise<void> {
  const { client, clock, signal, logger } = context;
  const graph = createOwnerGraph();
  const monitors = createMonitors(context);
  const apiOf = (node: GraphNode): ResourceClient<KubernetesObject> => client.resource(node.resource, node.namespace);

  const observe = (
    enqueue: (uid: string) => void,
    resource: DiscoveredResource,
    { current, previous }: Change<KubernetesObject>,
  ): void => {
    if (current === undefined) {
      const gone = graph.remove(previous?.metadata.uid ?? '');
      if (gone === undefined) return;
      for (const dependent of graph.dependentsOf(gone.uid)) enqueue(dependent.uid);
      for (const owner of gone.owners) if (graph.get(owner.uid)?.isDeletingDependents) enqueue(owner.uid);
      return;
    }
    const before = graph.get(current.metadata.uid);
    const node = nodeOf(resource, current);
    graph.put(node);
    if (node.owners.length > 0 || node.isDeletingDependents || node.isOrphaning) enqueue(node.uid);
    if (node.isDeletingDependents && !before?.isDeletingDependents) {
      for (const dependent of graph.dependentsOf(node.uid)) enqueue(dependent.uid);
    }
    for (const owner of [...(before?.owners ?? []), ...node.owners]) {
      if (graph.get(owner.uid)?.isDeletingDependents) enqueue(owner.uid);
    }
  };

  const stateOf = async (node: GraphNode, owner: OwnerReference): Promise<OwnerState> => {
    const known = graph.get(owner.uid);
    if (known && (known.namespace === undefined || known.namespace === node.namespace)) {
      return known.isDeletingDependents ? 'waiting' : 'solid';
    }
    const resource = monitors.find(owner.apiVersion, owner.kind);
    // Nobody can tell whether such an owner exists: what it owns stays.
    if (resource === undefined || (resource.namespaced && node.namespace === undefined)) return 'solid';
    try {
      const live = await client
        .resource<KubernetesObject>(resource, resource.namespaced ? node.namespace : undefined)
        .get(owner.name, { signal });
      if (live.metadata.uid !== owner.uid) return 'absent';
      return isWaiting(live) ? 'waiting' : 'solid';
    } catch (error) {
      if (isApiError(error, 'NotFound')) return 'absent';
      throw error;
    }
  };

  /** Deletes or releases an object as its owners' states ask. */
  const collect = async (node: GraphNode): Promise<void> => {
    const states = new Map<string, OwnerState>();
    for (const owner of node.owners) states.set(owner.uid, await stateOf(node, owner));
    if ([...states.values()].every((state) => state === 'solid')) return;
    const live = await apiOf(node).get(node.name, { signal });
    if (live.metadata.uid !== node.uid || live.metadata.deletionTimestamp !== undefined) return;
    for (const owner of live.metadata.ownerReferences ?? [])
      if (!states.has(owner.uid)) states.set(owner.uid, await stateOf(node, owner));
    const dependents = graph.dependentsOf(node.uid);
    const isAnyDeleting = dependents.some(({ isDeletingDependents }) => isDeletingDependents);
    const plan = planGarbage(live.metadata, ({ uid }) => states.get(uid) ?? 'solid', {
      count: dependents.length,
      isAnyDeleting,
    });
    if (plan.do === 'nothing') return;
    const owners = live.metadata.ownerReferences ?? [];
    if (plan.do === 'release') {
      await setOwners(
        node,
        live,
        owners.filter(({ uid }) => !plan.uids.includes(uid)),
      );
      return;
    }
    let { resourceVersion } = live.metadata;
    if (plan.unblock)
      resourceVersion = await setOwners(
        node,
        live,
        owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })),
      );
    await apiOf(node).delete(node.name, {
      propagationPolicy: plan.policy,
      preconditions: { uid: node.uid, resourceVersion },
      signal,
    });
  };
  const setOwners = async (
    node: GraphNode,
    live: KubernetesObject,
    ownerReferences: OwnerReference[],
  ): Promise<string> => {
    const { uid, resourceVersion } = live.metadata;
    const body = {
      metadata: { uid, resourceVersion, ownerReferences: ownerReferences.length > 0 ? ownerReferences : null },
    };
    return (await apiOf(node).patch(node.name, { type: 'merge', body }, { signal })).metadata.resourceVersion;
  };
  const dropFinalizer = async (node: GraphNode, finalizer: string): Promise<void> => {
    const live = await apiOf(node).get(node.name, { signal });
    if (live.metadata.uid !== node.uid || !live.metadata.finalizers?.includes(finalizer)) return;
    const { uid, resourceVersion } = live.metadata;
    const finalizers = live.metadata.finalizers.filter((one) => one !== finalizer);
    await apiOf(node).patch(
      node.name,
      { type: 'merge', body: { metadata: { uid, resourceVersion, finalizers } } },
      { signal },
    );
  };
  /** Sets every dependent free, then lets the object go. */
  const orphan = async (node: GraphNode): Promise<void> => {
    await Promise.all(
      graph.dependentsOf(node.uid).map(async (dependent) => {
        try {
          const live = await apiOf(dependent).get(dependent.name, { signal });
          const owners = live.metadata.ownerReferences ?? [];
          if (owners.some(({ uid }) => uid === node.uid))
            await setOwners(
              dependent,
              live,
              owners.filter(({ uid }) => uid !== node.uid),
            );
        } catch (error) {
          if (!isApiError(error, 'NotFound')) throw error;
        }
      }),
    );
    await dropFinalizer(node, orphanFinalizer);
  };
  const waitForDependents = async (node: GraphNode, enqueue: (uid: string) => void): Promise<void> => {
    const blocking = graph
      .dependentsOf(node.uid)
      .filter(({ owners }) => owners.some(({ uid, blockOwnerDeletion }) => uid === node.uid && blockOwnerDeletion));
    if (blocking.length === 0) return dropFinalizer(node, foregroundFinalizer);
    for (const dependent of blocking) if (!dependent.isDeleting) enqueue(dependent.uid);
  };

  let enqueue = (_uid: string): void => undefined;
  return runController({
    name: 'garbage-collector',
    sources: [
      {
        whenSynced: () => Promise.resolve(),
        start(sink) {
          enqueue = sink;
          void monitors.run((resource, change) => observe(sink, resource, change), signal);
          return () => undefined;
        },
      },
    ],
    workers: 20,
    clock,
    logger,
    signal,
    async reconcile(uid) {
      const node = graph.get(uid);
      if (node === undefined) return;
      try {
        if (node.isOrphaning) await orphan(node);
        else if (node.isDeletingDependents) await waitForDependents(node, enqueue);
        else if (!node.isDeleting) await collect(node);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    },
  });
}

function isWaiting(object: KubernetesObject): boolean {
  return (
    object.metadata.deletionTimestamp !== undefined &&
    (object.metadata.finalizers?.includes(foregroundFinalizer) ?? false)
  );
}

function nodeOf(resource: DiscoveredResource, object: Readonly<KubernetesObject>): GraphNode {
  const { uid, name, namespace, ownerReferences = [], finalizers, deletionTimestamp } = object.metadata;
  const isDeleting = deletionTimestamp !== undefined;
  return {
    uid,
    resource,
    name,
    namespace,
    owners: ownerReferences,
    isDeleting,
    isDeletingDependents: isWaiting(object),
    isOrphaning: isDeleting && (finalizers?.includes(orphanFinalizer) ?? false),
  };
}
