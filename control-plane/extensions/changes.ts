// The changes of a simulation as clients send them, turned into what the rehearsal understands. Everything is checked;
// a mistake answers 400 with a sentence that names it.
import type { Node, Pod, PodTemplateSpec } from '../../api/kinds/core/index.ts';
import { badRequest } from '../../api/meta/status.ts';
import { controllerOf, keyOf } from '../../api/meta/object-meta.ts';
import type { Remedy } from '../scheduler/remedies/plan-remedies.ts';
import type { Change } from '../scheduler/simulate.ts';
import type { Snapshot } from '../scheduler/snapshot/snapshot.ts';

const mostChanges = 100;
const mostCopies = 10_000;

interface Present {
  readonly snapshot: Snapshot;
  readonly pods: readonly Readonly<Pod>[];
  /** What is suggested for a waiting pod now. */
  remediesOf(pod: Readonly<Pod>): readonly Remedy[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a list of changes: `node-lost` and `node-drained` {node}, `pod-lost` {namespace, name}, `node-added` {like, count} or {object},
 * `workload-scaled` {namespace, kind, name, replicas}, `workload-created` {namespace, name, replicas, template},
 * `remedy-applied` {namespace, name, kind, node}: a suggestion out of a pod's placement, by its kind and node.
 */
export function readChanges(value: unknown, present: Present): Change[] {
  if (!Array.isArray(value) || value.length === 0) throw badRequest('spec.changes must list at least one change');
  if (value.length > mostChanges) throw badRequest(`a simulation takes at most ${mostChanges} changes`);
  return value.flatMap((entry: unknown, i) => {
    if (typeof entry !== 'object' || entry === null) throw badRequest(`spec.changes[${i}] must be an object`);
    return readChange(entry as Fields, `spec.changes[${i}]`, present);
  });
}

function readChange(fields: Fields, path: string, present: Present): Change[] {
  switch (fields.type) {
    case 'node-lost':
    case 'node-drained': {
      const node = textOf(fields, 'node', path);
      if (!present.snapshot.node(node)?.exists) throw badRequest(`${path}.node: there is no node "${node}"`);
      return [{ type: fields.type, node }];
    }
    case 'pod-lost': {
      const pod = `${textOf(fields, 'namespace', path)}/${textOf(fields, 'name', path)}`;
      if (!present.snapshot.nodeOf(pod)) throw badRequest(`${path}: no pod ${pod} runs anywhere`);
      return [{ type: 'pod-lost', pod }];
    }
    case 'node-added':
      return addedNodes(fields, path, present);
    case 'workload-scaled':
      return scaled(fields, path, present);
    case 'workload-created':
      return [{ type: 'pods-added', pods: created(fields, path) }];
    case 'remedy-applied':
      return [suggested(fields, path, present)];
    default:
      throw badRequest(
        `${path}.type must be node-lost, node-drained, pod-lost, node-added, workload-scaled, workload-created or remedy-applied`,
      );
  }
}

function addedNodes(fields: Fields, path: string, { snapshot }: Present): Change[] {
  if (typeof fields.object === 'object' && fields.object !== null) {
    const node = fields.object as Node;
    if (typeof node.metadata?.name !== 'string') throw badRequest(`${path}.object.metadata.name must be text`);
    return [{ type: 'node-added', node: { ...node, spec: node.spec ?? {} } }];
  }
  const like = textOf(fields, 'like', path);
  const model = snapshot.node(like);
  if (!model?.exists) throw badRequest(`${path}.like: there is no node "${like}"`);
  const { milliCpu, memoryBytes, storageBytes, extended } = model.allocatable;
  const allocatable = {
    cpu: `${milliCpu}m`,
    memory: String(memoryBytes),
    'ephemeral-storage': String(storageBytes),
    pods: String(model.maxPods),
    ...Object.fromEntries(extended ?? []),
  };
  return Array.from({ length: countOf(fields, 'count', path, 1) }, (_, i): Change => {
    const name = `${like}-more-${i + 1}`;
    const labels = { ...model.labels, 'kubernetes.io/hostname': name };
    return {
      type: 'node-added',
      node: { metadata: { name, labels }, spec: {}, status: { allocatable } } as unknown as Node,
    };
  });
}

function scaled(fields: Fields, path: string, { pods }: Present): Change[] {
  const [namespace, kind, name] = ['namespace', 'kind', 'name'].map((field) => textOf(fields, field, path));
  const replicas = countOf(fields, 'replicas', path);
  const members = pods.filter((pod) => pod.metadata.namespace === namespace && belongsTo(pod, kind ?? '', name ?? ''));
  const model = members[0];
  if (!model)
    throw badRequest(
      `${path}: ${kind ?? ''} ${namespace ?? ''}/${name ?? ''} has no pods to copy; use workload-created`,
    );
  if (replicas >= members.length) {
    return [{ type: 'pods-added', pods: copies(model, replicas - members.length) }];
  }
  // The youngest go first, those without a node before all others.
  const order = [...members].sort((a, b) => ageRank(b).localeCompare(ageRank(a)));
  return [{ type: 'pods-removed', keys: order.slice(0, members.length - replicas).map(keyOf) }];
}

function belongsTo(pod: Readonly<Pod>, kind: string, name: string): boolean {
  const owner = controllerOf(pod);
  if (!owner) return false;
  if (kind !== 'Deployment') return owner.kind === kind && owner.name === name;
  const hash = pod.metadata.labels?.['pod-template-hash'];
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name === `${name}-${hash}`;
}

function ageRank(pod: Readonly<Pod>): string {
  return `${pod.spec.nodeName ? 0 : 1}${pod.metadata.creationTimestamp}`;
}

function suggested(fields: Fields, path: string, { pods, remediesOf }: Present): Change {
  const [namespace, name, kind, node] = ['namespace', 'name', 'kind', 'node'].map((field) =>
    textOf(fields, field, path),
  );
  const key = `${namespace ?? ''}/${name ?? ''}`;
  const pod = pods.find((one) => keyOf(one) === key);
  if (!pod) throw badRequest(`${path}: there is no pod ${key}`);
  const remedy = remediesOf(pod).find((one) => one.kind === kind && one.node === node);
  if (!remedy)
    throw badRequest(
      `${path}: ${kind ?? ''} on ${node ?? ''} is no longer suggested for ${key}; ask for its placement again`,
    );
  return { type: 'remedy-applied', pod: key, change: remedy.change };
}

function created(fields: Fields, path: string): Pod[] {
  const namespace = textOf(fields, 'namespace', path);
  const name = textOf(fields, 'name', path);
  const template = fields.template as PodTemplateSpec | undefined;
  if (!Array.isArray(template?.spec?.containers)) throw badRequest(`${path}.template.spec.containers must be a list`);
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name,
    uid: `simulated-${namespace}-${name}`,
    controller: true,
  };
  const model = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name, namespace, ownerReferences: [owner] },
    spec: template.spec,
  } as unknown as Pod;
  return copies(model, countOf(fields, 'replicas', path));
}

function copies(model: Readonly<Pod>, count: number): Pod[] {
  const { nodeName: _nodeName, ...spec } = model.spec;
  return Array.from({ length: count }, (_, i) => {
    const name = `${model.metadata.generateName ?? `${model.metadata.name}-`}more-${i + 1}`;
    return { ...model, metadata: { ...model.metadata, name, uid: `simulated-${name}` }, spec, status: {} } as Pod;
  });
}

function textOf(fields: Fields, name: string, path: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw badRequest(`${path}.${name} must be text`);
  return value;
}

function countOf(fields: Fields, name: string, path: string, fallback?: number): number {
  const value = fields[name] ?? fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > mostCopies) {
    throw badRequest(`${path}.${name} must be a whole number from 0 to ${mostCopies}`);
  }
  return value;
}
