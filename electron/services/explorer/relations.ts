// What belongs to an object, read from the cluster: its owners upwards, what it owns downwards, what it names, and who
// names it. Bounded: a few levels and a few dozen objects; what could not be read is said, the rest is shown.
import type { ObjectRef, RelationEdge, RelationGraph, RelationNode, Tone } from '../../../api/console/index.ts';
import { podTone } from '../../../api/console/index.ts';
import { endpointSlices } from '../../../api/kinds/discovery/index.ts';
import { pods, type Pod } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { podRow } from '../projections/pod.ts';
import { resourceOf } from '../resources.ts';
import { refOf } from './object-detail.ts';
import { referencesOf } from './references.ts';

type Kind = readonly [apiVersion: string, kind: string];

const pod: Kind = ['v1', 'Pod'];
const children: Readonly<Record<string, readonly Kind[]>> = {
  Deployment: [['apps/v1', 'ReplicaSet']],
  ReplicaSet: [pod],
  StatefulSet: [pod],
  DaemonSet: [pod],
  ReplicationController: [pod],
  Job: [pod],
  CronJob: [['batch/v1', 'Job']],
};
/** What operators usually make for their own kinds. */
const usual: readonly Kind[] = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['v1', 'Service'],
  pod,
];
const leaves = new Set(['Pod', 'ConfigMap', 'Secret', 'Node', 'Namespace', 'Event', 'ServiceAccount', 'EndpointSlice']);
const usedByPods = new Set(['ConfigMap', 'Secret', 'PersistentVolumeClaim', 'ServiceAccount']);
const deepest = 3;
const mostNodes = 80;
const mostListed = 500;

/** A word and tone for any object, from what most kinds report. */
export function stateOf(object: KubernetesObject): { tone: Tone; word: string } {
  if (object.kind === 'Pod') {
    const row = podRow(object as Pod);
    return { tone: podTone[row.state], word: row.reason };
  }
  const { spec, status } = object as { spec?: { replicas?: number }; status?: Record<string, unknown> };
  if (object.metadata.deletionTimestamp) return { tone: 'idle', word: 'Terminating' };
  if (typeof spec?.replicas === 'number') {
    const ready = Number(status?.['readyReplicas'] ?? 0);
    return {
      tone: spec.replicas === 0 ? 'idle' : ready >= spec.replicas ? 'good' : 'warn',
      word: `${ready}/${spec.replicas}`,
    };
  }
  if (typeof status?.['phase'] === 'string') {
    const phase = status['phase'];
    return {
      tone: phase === 'Failed' || phase === 'Lost' ? 'bad' : phase === 'Pending' ? 'warn' : 'good',
      word: phase,
    };
  }
  const conditions = (Array.isArray(status?.['conditions']) ? status['conditions'] : []) as {
    type: string;
    status: string;
  }[];
  const main = conditions.find(({ type }) => ['Ready', 'Available', 'Complete', 'Failed'].includes(type));
  if (main === undefined) return { tone: 'idle', word: '' };
  const good = (main.status === 'True') === (main.type !== 'Failed');
  return { tone: good ? 'good' : 'warn', word: main.status === 'True' ? main.type : `${main.type}: ${main.status}` };
}

const idOf = ({ kind, namespace, name }: ObjectRef): string => `${kind}/${namespace ?? ''}/${name}`;

/** Reads the graph around an object. */
export async function relationsOf(client: RestClient, about: ObjectRef): Promise<RelationGraph> {
  const nodes = new Map<string, RelationNode>();
  const edges = new Map<string, RelationEdge>();
  const gaps = new Set<string>();

  const quietly = async <T>(asking: Promise<T>, otherwise: T): Promise<T> =>
    asking.catch((error: unknown) => {
      gaps.add(error instanceof Error ? error.message : String(error));
      return otherwise;
    });
  const read = async (ref: ObjectRef): Promise<KubernetesObject> =>
    client.resource(await resourceOf(client, ref), ref.namespace).get(ref.name);
  const list = async ([apiVersion, kind]: Kind, namespace: string | undefined): Promise<KubernetesObject[]> => {
    const resource = await resourceOf(client, { apiVersion, kind });
    return (await client.resource(resource, namespace).list({ limit: mostListed })).items;
  };
  const add = (ref: ObjectRef, column: number, object: KubernetesObject | undefined): boolean => {
    const id = idOf(ref);
    if (nodes.has(id)) return false;
    if (nodes.size >= mostNodes) return false;
    const state = object === undefined ? { tone: 'idle' as const, word: '' } : stateOf(object);
    nodes.set(id, { id, object: ref, column, ...state, self: id === idOf(about) });
    return true;
  };
  const connect = (from: ObjectRef, to: ObjectRef, relation: RelationEdge['relation']): void => {
    const edge = { from: idOf(from), to: idOf(to), relation };
    if (nodes.has(edge.from) && nodes.has(edge.to)) edges.set(`${edge.from} ${edge.to}`, edge);
  };

  const upwards = async (object: KubernetesObject, column: number): Promise<void> => {
    for (const owner of object.metadata.ownerReferences ?? []) {
      const ref = {
        apiVersion: owner.apiVersion,
        kind: owner.kind,
        namespace: object.metadata.namespace,
        name: owner.name,
      };
      if (owner.kind === 'Node' || column < -deepest) continue;
      const found = await quietly<KubernetesObject | undefined>(read(ref), undefined);
      const own = found === undefined ? ref : refOf(found);
      const isNew = add(own, column - 1, found);
      connect(own, refOf(object), 'owns');
      if (isNew && found !== undefined) await upwards(found, column - 1);
    }
  };
  const downwards = async (object: KubernetesObject, column: number): Promise<void> => {
    if (column >= deepest || leaves.has(object.kind)) return;
    for (const kind of children[object.kind] ?? usual) {
      const listed = await quietly(list(kind, object.metadata.namespace), []);
      const own = listed.filter(({ metadata }) =>
        metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid),
      );
      for (const child of own) {
        const hasRun = child.kind === 'ReplicaSet' && (child as { spec?: { replicas?: number } }).spec?.replicas === 0;
        if (hasRun || !add(refOf(child), column + 1, child)) continue;
        connect(refOf(object), refOf(child), 'owns');
        await downwards(child, column + 1);
      }
    }
  };
  const named = async (object: KubernetesObject): Promise<void> => {
    for (const { object: ref, relation } of referencesOf(object)) {
      const found = await quietly<KubernetesObject | undefined>(read(ref), undefined);
      add(ref, 1, found);
      connect(refOf(object), ref, relation);
    }
  };
  const users = async (object: KubernetesObject): Promise<void> => {
    if (!usedByPods.has(object.kind)) return;
    for (const user of await quietly(list(pod, object.metadata.namespace), [])) {
      if (!referencesOf(user).some(({ object: ref }) => idOf(ref) === idOf(refOf(object)))) continue;
      add(refOf(user), -1, user);
      connect(refOf(user), refOf(object), 'uses');
      await upwards(user, -1);
    }
  };
  const endpoints = async (service: KubernetesObject): Promise<void> => {
    if (service.kind !== 'Service') return;
    const { name, namespace } = service.metadata;
    const slices = await quietly(
      client.resource(endpointSlices, namespace).list({ labelSelector: `kubernetes.io/service-name=${name}` }),
      undefined,
    );
    for (const slice of slices?.items ?? []) {
      add(refOf(slice), 1, slice);
      connect(refOf(service), refOf(slice), 'selects');
      for (const { targetRef, conditions } of slice.endpoints ?? []) {
        if (targetRef?.kind !== 'Pod' || !targetRef.name) continue;
        const target = { apiVersion: 'v1', kind: 'Pod', namespace, name: targetRef.name };
        add(
          target,
          2,
          await quietly<Pod | undefined>(client.resource<Pod>(pods, namespace).get(target.name), undefined),
        );
        if (conditions?.ready !== false) connect(refOf(slice), target, 'routes');
        else connect(refOf(slice), target, 'selects');
      }
    }
    for (const ingress of await quietly(list(['networking.k8s.io/v1', 'Ingress'], namespace), [])) {
      if (!referencesOf(ingress).some(({ object: ref }) => ref.name === name)) continue;
      add(refOf(ingress), -1, ingress);
      connect(refOf(ingress), refOf(service), 'routes');
    }
  };

  const self = await read(about);
  add(refOf(self), 0, self);
  await upwards(self, 0);
  await endpoints(self);
  await downwards(self, 0);
  await named(self);
  await users(self);
  const first = Math.min(...[...nodes.values()].map(({ column }) => column));
  return {
    nodes: [...nodes.values()].map((node) => ({ ...node, column: node.column - first })),
    edges: [...edges.values()],
    gaps: [...gaps].slice(0, 5),
  };
}
