// Where a snapshot that follows the cluster looks up what is neither node nor pod: volumes and devices.
import { persistentVolumeClaims, persistentVolumes } from '../../../api/kinds/core/index.ts';
import { deviceClasses, resourceClaims, resourceSlices } from '../../../api/kinds/resource/index.ts';
import { csiNodes, storageClasses } from '../../../api/kinds/storage/index.ts';
import type { PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Informer, InformerFactory } from '../../../machinery/informer.ts';
import type { DevicePools } from '../dynamic-resources/device-pools.ts';
import { createDevicePools } from '../dynamic-resources/device-pools.ts';
import { matchesDevice } from '../dynamic-resources/device-matcher.ts';
import type { Snapshot } from './snapshot.ts';

export interface Lookups {
  /** Those that must be in sync before the first decision. */
  readonly informers: readonly Informer<KubernetesObject>[];
  readonly claims: Informer<PersistentVolumeClaim>;
  /** Follows devices into the snapshot and tells of what may help a waiting pod; returns how to stop. */
  follow(notice: (change: 'volume-changed' | 'device-changed') => void): () => void;
}

/** Lets a snapshot look things up in a cluster's informers. */
export function attachLookups(snapshot: Snapshot, informers: InformerFactory): Lookups {
  const claims = informers.of(persistentVolumeClaims);
  const volumes = informers.of(persistentVolumes);
  const classes = informers.of(storageClasses);
  const nodesOfDrivers = informers.of(csiNodes);
  const deviceClaims = informers.of(resourceClaims);
  const kindsOfDevices = informers.of(deviceClasses);
  const slices = informers.of(resourceSlices);
  let pools: DevicePools | undefined;

  snapshot.volumes = {
    claim: (key) => claims.get(key),
    volume: (name) => volumes.get(name),
    volumes: () => volumes.list(),
    storageClass: (name) => classes.get(name),
    csiNode: (name) => nodesOfDrivers.get(name),
  };
  snapshot.devices.sources = {
    claim: (key) => deviceClaims.get(key),
    deviceClass: (name) => kindsOfDevices.get(name),
    pools: () => (pools ??= createDevicePools(slices.list())),
    matches: matchesDevice,
  };

  const storage = [claims, volumes, classes, nodesOfDrivers] as const;
  return {
    informers: [...storage, deviceClaims, kindsOfDevices, slices] as unknown as readonly Informer<KubernetesObject>[],
    claims,
    follow(notice) {
      const stops = [
        ...storage.map((informer) => informer.onDidChange(() => notice('volume-changed'))),
        deviceClaims.onDidChange(({ key, current }) => {
          snapshot.devices.setClaim(key, current);
          notice('device-changed');
        }),
        kindsOfDevices.onDidChange(() => notice('device-changed')),
        slices.onDidChange(() => {
          pools = undefined;
          notice('device-changed');
        }),
      ];
      return () => stops.forEach((stop) => stop());
    },
  };
}
