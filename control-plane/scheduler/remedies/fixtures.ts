// What the tests of remedies share: small clusters in which a pod fits nowhere, what is said of it and what is suggested.
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/kinds/core/index.ts';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../api/kinds/resource/index.ts';
import type { CSINode, StorageClass } from '../../../api/kinds/storage/index.ts';
import { createDevicePools } from '../dynamic-resources/device-pools.ts';
import { nodeNamed, podNamed, snapshotOf } from '../fixtures.ts';
import type { NodeFacts, PodFacts } from '../fixtures.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

export interface Case {
  readonly title: string;
  readonly nodes: Record<string, NodeFacts>;
  readonly others?: readonly Pod[];
  readonly pod: PodFacts;
  readonly prepare?: (snapshot: Snapshot) => void;
  /** The objection of the first node, and the cheapest remedy, each in both languages. */
  readonly says: readonly [string, string];
  readonly suggests: readonly [string, string];
}

export const web = (name: string, nodeName: string, more: PodFacts = {}): Pod =>
  podNamed(name, { labels: { app: 'web' }, controllerUid: 'rs', nodeName, ...more });
export const term = (topologyKey: string): object => ({ topologyKey, labelSelector: { matchLabels: { app: 'web' } } });
export const requires = (what: 'podAffinity' | 'podAntiAffinity', topologyKey: string): object => ({
  affinity: { [what]: { requiredDuringSchedulingIgnoredDuringExecution: [term(topologyKey)] } },
});
export const spread = (maxSkew: number): object => ({
  topologySpreadConstraints: [{ ...term('zone'), maxSkew, whenUnsatisfiable: 'DoNotSchedule' }],
});
export const port = (hostPort: number): object => ({
  containers: [{ name: 'main', image: 'x', ports: [{ containerPort: hostPort, hostPort, protocol: 'TCP' }] }],
});
export const needs = (matchExpressions: object[]): object => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  },
});
export const usesClaim = (claimName: string): object => ({
  volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
});

/**
 * Claims by their names: `bound…` have a CSI volume, `zoned…` one in zone z2, `away…` one on node b, `lost…` one that is not there any more, `solo…` are for one
 * pod alone, `open…` wait for a volume, `early…` are bound before their pods come, `gone…` do not exist.
 */
export function withVolumes(limit: number): (snapshot: Snapshot) => void {
  return (snapshot) => {
    snapshot.volumes = {
      claim: (key) => claimNamed(key.split('/')[1] ?? ''),
      volume: volumeNamed,
      volumes: () => [],
      storageClass: (name) =>
        ({
          provisioner: name === 'static' ? 'kubernetes.io/no-provisioner' : 'disk',
          volumeBindingMode: name === 'early' ? 'Immediate' : 'WaitForFirstConsumer',
        }) as StorageClass,
      csiNode: () => ({ spec: { drivers: [{ name: 'disk', nodeID: 'n', allocatable: { count: limit } }] } }) as CSINode,
    };
  };
}

function claimNamed(name: string): PersistentVolumeClaim | undefined {
  if (name.startsWith('gone')) return undefined;
  const isBound = !name.startsWith('open') && !name.startsWith('early');
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      annotations: isBound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {},
    },
    spec: {
      ...(isBound ? { volumeName: name } : {}),
      accessModes: [name.startsWith('solo') ? 'ReadWriteOncePod' : 'ReadWriteOnce'],
      storageClassName: /^(zoned|away|lost)/.test(name) ? 'late' : name.startsWith('early') ? 'early' : 'static',
      resources: { requests: { storage: '5Gi' } },
    },
  } as unknown as PersistentVolumeClaim;
}

function volumeNamed(name: string): PersistentVolume | undefined {
  if (name.startsWith('lost')) return undefined;
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }];
  return {
    metadata: { name, labels: name.startsWith('zoned') ? { 'topology.kubernetes.io/zone': 'z2' } : {} },
    spec: {
      csi: { driver: 'disk', volumeHandle: name },
      ...(name.startsWith('away') ? { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } } : {}),
    },
  } as unknown as PersistentVolume;
}

/**
 * One device of node a. The claim `theirs` has it; `mine` wants one, `odd` one of a class that does not exist, and
 * `distant` has one that only node b reaches.
 */
export function withOneDevice(snapshot: Snapshot): void {
  const slice = {
    metadata: { name: 's' },
    spec: {
      driver: 'gpu',
      nodeName: 'a',
      pool: { name: 'a', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'g' }],
    },
  } as unknown as ResourceSlice;
  const pools = createDevicePools([slice]);
  const claims = new Map(['mine', 'theirs', 'odd', 'distant'].map((name) => [`default/${name}`, deviceClaim(name)]));
  snapshot.devices.sources = {
    claim: (key) => claims.get(key),
    deviceClass: (name) => (name === 'gpu' ? ({ spec: {} } as DeviceClass) : undefined),
    pools: () => pools,
    matches: () => true,
  };
  for (const [key, claim] of claims) snapshot.devices.setClaim(key, claim);
}

/** The same with the device free. */
export function withFreeDevice(snapshot: Snapshot): void {
  withOneDevice(snapshot);
  snapshot.devices.release('default/theirs');
}

function deviceClaim(name: string): ResourceClaim {
  const deviceClassName = name === 'odd' ? 'odd' : 'gpu';
  const onB = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] };
  const results = [{ request: 'r', driver: 'gpu', pool: 'a', device: name === 'theirs' ? 'g' : 'far' }];
  const allocation = {
    devices: { results },
    ...(name === 'distant' ? { nodeSelector: { nodeSelectorTerms: [onB] } } : {}),
  };
  return {
    metadata: { name, namespace: 'default', uid: name },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName, count: 1 } }] } },
    ...(name === 'theirs' || name === 'distant' ? { status: { allocation } } : {}),
  } as unknown as ResourceClaim;
}

export function build({ nodes, others, prepare }: Case): Snapshot {
  const snapshot = snapshotOf(
    Object.entries(nodes).map(([name, facts]) => nodeNamed(name, facts)),
    others,
  );
  prepare?.(snapshot);
  return snapshot;
}
