// What an object names in its own text: the ConfigMaps, Secrets, claims, accounts and machines of a pod template, the
// services of an Ingress, the target of an autoscaler, the volume of a claim. Pure; other clusters' objects may lack anything.
import type { ObjectRef, RelationEdge } from '../../../api/console/index.ts';
import type { PodSpec } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';

export interface Reference {
  readonly object: ObjectRef;
  readonly relation: RelationEdge['relation'];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The pod spec that an object carries, of itself or in its template. */
export function podSpecOf(object: KubernetesObject): PodSpec | undefined {
  const spec = fieldsOf((object as { spec?: unknown }).spec);
  if (object.kind === 'Pod') return spec as unknown as PodSpec;
  const job = fieldsOf(fieldsOf(spec['jobTemplate'])['spec']);
  const template = fieldsOf(spec['template'] ?? job['template']);
  return template['spec'] as PodSpec | undefined;
}

function podReferences(spec: PodSpec, namespace: string | undefined): Reference[] {
  const found = new Map<string, Reference>();
  const add = (kind: string, name: string | undefined, relation: Reference['relation'] = 'uses'): void => {
    if (!name) return;
    const object = { apiVersion: 'v1', kind, namespace: kind === 'Node' ? undefined : namespace, name };
    found.set(`${kind}/${name}`, { object, relation });
  };
  for (const { configMap, secret, persistentVolumeClaim, projected } of spec.volumes ?? []) {
    add('ConfigMap', configMap?.name);
    add('Secret', secret?.secretName);
    add('PersistentVolumeClaim', persistentVolumeClaim?.claimName);
    for (const source of projected?.sources ?? []) {
      if (source.configMap?.name !== 'kube-root-ca.crt') add('ConfigMap', source.configMap?.name);
      add('Secret', source.secret?.name);
    }
  }
  for (const { env, envFrom } of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const { valueFrom } of env ?? []) {
      add('ConfigMap', valueFrom?.configMapKeyRef?.name);
      add('Secret', valueFrom?.secretKeyRef?.name);
    }
    for (const { configMapRef, secretRef } of envFrom ?? []) {
      add('ConfigMap', configMapRef?.name);
      add('Secret', secretRef?.name);
    }
  }
  for (const { name } of spec.imagePullSecrets ?? []) add('Secret', name);
  if (spec.serviceAccountName !== 'default') add('ServiceAccount', spec.serviceAccountName);
  add('Node', spec.nodeName, 'runsOn');
  return [...found.values()];
}

/** The services that an Ingress sends requests to. */
function ingressReferences(spec: Fields, namespace: string | undefined): Reference[] {
  const backends = [
    spec['defaultBackend'],
    ...(Array.isArray(spec['rules']) ? spec['rules'] : []).flatMap((rule) => {
      const paths = fieldsOf(fieldsOf(rule)['http'])['paths'];
      return (Array.isArray(paths) ? paths : []).map((path) => fieldsOf(path)['backend']);
    }),
  ];
  const names = new Set(backends.map((backend) => fieldsOf(fieldsOf(backend)['service'])['name']));
  return [...names].flatMap((name) =>
    typeof name === 'string'
      ? [{ object: { apiVersion: 'v1', kind: 'Service', namespace, name }, relation: 'routes' as const }]
      : [],
  );
}

/** Everything an object names, without asking the cluster. */
export function referencesOf(object: KubernetesObject): Reference[] {
  const spec = fieldsOf((object as { spec?: unknown }).spec);
  const namespace = object.metadata.namespace || undefined;
  const named = (
    apiVersion: string,
    kind: string,
    name: unknown,
    relation: Reference['relation'],
    inside: string | undefined = undefined,
  ): Reference[] =>
    typeof name === 'string' && name !== ''
      ? [{ object: { apiVersion, kind, namespace: inside, name }, relation }]
      : [];
  switch (object.kind) {
    case 'Ingress':
      return ingressReferences(spec, namespace);
    case 'HorizontalPodAutoscaler': {
      const target = fieldsOf(spec['scaleTargetRef']);
      return named(
        String(target['apiVersion'] ?? 'apps/v1'),
        String(target['kind']),
        target['name'],
        'scales',
        namespace,
      );
    }
    case 'PersistentVolumeClaim':
      return [
        ...named('v1', 'PersistentVolume', spec['volumeName'], 'binds'),
        ...named('storage.k8s.io/v1', 'StorageClass', spec['storageClassName'], 'uses'),
      ];
    case 'PersistentVolume': {
      const claim = fieldsOf(spec['claimRef']);
      return [
        ...named('v1', 'PersistentVolumeClaim', claim['name'], 'binds', String(claim['namespace'] ?? '') || undefined),
        ...named('storage.k8s.io/v1', 'StorageClass', spec['storageClassName'], 'uses'),
      ];
    }
    case 'RoleBinding':
    case 'ClusterRoleBinding': {
      const role = fieldsOf((object as { roleRef?: unknown }).roleRef);
      const kind = String(role['kind']);
      return named(
        'rbac.authorization.k8s.io/v1',
        kind,
        role['name'],
        'binds',
        kind === 'Role' ? namespace : undefined,
      );
    }
    default: {
      const pod = podSpecOf(object);
      return pod?.containers === undefined ? [] : podReferences(pod, namespace);
    }
  }
}
