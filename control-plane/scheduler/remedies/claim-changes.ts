// Changes of volumes, claims and devices, rehearsed on a snapshot by answering its look-ups otherwise. Each returns how
// to take it back.
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import type { ResourceClaim } from '../../../api/kinds/resource/index.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';

export type VolumeChange =
  | { readonly type: 'volume-made'; readonly volume: Readonly<PersistentVolume> }
  /** The claim exists, and is bound to a volume that this node reaches. */
  | { readonly type: 'claim-bound'; readonly claim: string; readonly node: string }
  /** The claim exists anew, bound to nothing. */
  | { readonly type: 'claim-unbound'; readonly claim: string };

export type DeviceChange =
  | { readonly type: 'devices-released'; readonly claims: readonly string[] }
  /** The claim exists and asks for nothing that is not free. */
  | { readonly type: 'device-claim-made'; readonly claim: string }
  /** The class exists and takes every device. */
  | { readonly type: 'device-class-made'; readonly name: string };

export function changeVolumes(snapshot: Snapshot, change: VolumeChange): () => void {
  const { volumes } = snapshot;
  if (change.type === 'volume-made') {
    const { volume } = change;
    snapshot.volumes = {
      ...volumes,
      volumes: () => [...volumes.volumes(), volume],
      volume: (name) => (name === volume.metadata.name ? volume : volumes.volume(name)),
    };
  } else {
    const [namespace = '', name = ''] = change.claim.split('/');
    const known = volumes.claim(change.claim);
    const { volumeName: _volume, ...asked } = known?.spec ?? {};
    const isBound = change.type === 'claim-bound';
    const made = `for-${name}`;
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        namespace,
        name,
        uid: `rehearsed-${name}`,
        annotations: isBound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {},
      },
      spec: isBound ? { ...asked, volumeName: made } : asked,
    } as unknown as PersistentVolumeClaim;
    const volume = { metadata: { name: made }, spec: {} } as unknown as PersistentVolume;
    snapshot.volumes = {
      ...volumes,
      claim: (key) => (key === change.claim ? claim : volumes.claim(key)),
      volume: (one) => (isBound && one === made ? volume : volumes.volume(one)),
    };
  }
  return () => void (snapshot.volumes = volumes);
}

export function changeDevices(snapshot: Snapshot, change: DeviceChange): () => void {
  const { devices } = snapshot;
  const copy = devices.clone();
  const { sources } = copy;
  if (change.type === 'devices-released') change.claims.forEach((key) => copy.release(key));
  else if (change.type === 'device-class-made') {
    const { name } = change;
    copy.sources = { ...sources, deviceClass: (one) => (one === name ? { spec: {} } : sources.deviceClass(one)) };
  } else {
    const [namespace, name = ''] = change.claim.split('/');
    const claim = { metadata: { namespace, name, uid: `rehearsed-${name}` }, spec: {} } as unknown as ResourceClaim;
    copy.sources = { ...sources, claim: (key) => (key === change.claim ? claim : sources.claim(key)) };
  }
  snapshot.devices = copy;
  return () => void (snapshot.devices = devices);
}
