// Objects for tests, as the server would return them.
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Node, Pod, Service } from '../../../api/kinds/core/index.ts';
import type { ObjectMeta } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { controllerRefOf } from '../pod-template.ts';

export const startMs = Date.UTC(2026, 0, 1);

export function metaOf(name: string, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: formatTime(startMs),
    generation: 1,
    ...more,
  };
}

export function makeDeployment(
  name: string,
  spec: Partial<Deployment['spec']> = {},
  more: Partial<Deployment> = {},
): Deployment {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metaOf(name),
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
    ...more,
  };
}

/** A ReplicaSet of a Deployment with another image, of a size and with as many pods available. */
export function makeSet(
  owner: Deployment,
  name: string,
  replicas: number,
  more: {
    available?: number;
    image?: string;
    annotations?: Record<string, string>;
    createdMs?: number;
    pods?: number;
  } = {},
): ReplicaSet {
  const { available = replicas, pods = replicas, image = 'web:1', createdMs = startMs } = more;
  const labels = { ...owner.spec.template.metadata?.labels, 'pod-template-hash': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: metaOf(`${owner.metadata.name}-${name}`, {
      labels,
      annotations: more.annotations,
      creationTimestamp: formatTime(createdMs),
      ownerReferences: [controllerRefOf(owner)],
    }),
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
    },
    status: { replicas: pods, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}

export interface PodOptions {
  labels?: Record<string, string>;
  owner?: { apiVersion: string; kind: string; metadata: ObjectMeta };
  nodeName?: string;
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  ready?: boolean;
  readySinceMs?: number;
  createdMs?: number;
  ip?: string;
  deleting?: boolean;
  restarts?: number;
  annotations?: Record<string, string>;
  spec?: Partial<Pod['spec']>;
}

export function makePod(name: string, options: PodOptions = {}): Pod {
  const {
    labels,
    owner,
    nodeName,
    phase = 'Running',
    ready = phase === 'Running',
    readySinceMs = startMs,
    ip,
  } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metaOf(name, {
      labels,
      annotations: options.annotations,
      creationTimestamp: formatTime(options.createdMs ?? startMs),
      ...(owner ? { ownerReferences: [controllerRefOf(owner)] } : {}),
      ...(options.deleting ? { deletionTimestamp: formatTime(startMs) } : {}),
    }),
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...(nodeName ? { nodeName } : {}), ...options.spec },
    status: {
      phase,
      ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTime(readySinceMs) }],
      containerStatuses: [{ name: 'web', image: 'web:1', imageID: '', ready, restartCount: options.restarts ?? 0 }],
    },
  };
}

export function makeService(
  name: string,
  spec: Partial<Service['spec']> = {},
  labels?: Record<string, string>,
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(name, { labels }),
    spec: {
      selector: { app: name },
      ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      clusterIP: '10.96.0.7',
      ...spec,
    },
  };
}

export function makeNode(
  name: string,
  ready: 'True' | 'False' | 'Unknown' = 'True',
  more: Partial<Node['spec']> = {},
): Node {
  const time = formatTime(startMs);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: metaOf(name, { namespace: undefined }),
    spec: { ...more },
    status: { conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: time, lastTransitionTime: time }] },
  };
}
