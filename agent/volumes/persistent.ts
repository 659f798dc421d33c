// Persistent volumes that need no driver: `local`, `hostPath` and `nfs`. Follows the pod's claim to its volume; everything else is
// refused with a sentence, because CSI drivers are not part of this agent.
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/kinds/core/index.ts';
import { ConfigurationError } from '../kubelet/containers/environment.ts';
import { checkHostPath } from './host-path.ts';
import { mountNfs } from './mounts.ts';

export interface ClaimLookUp {
  claim(namespace: string, name: string): Promise<Readonly<PersistentVolumeClaim> | undefined>;
  volume(name: string): Promise<Readonly<PersistentVolume> | undefined>;
}

export async function resolveClaim(
  pod: Readonly<Pod>,
  { claimName, readOnly = false }: { claimName: string; readOnly?: boolean },
  lookUp: ClaimLookUp,
  mountPoint: string,
): Promise<{ path: string; readOnly: boolean }> {
  const claim = await lookUp.claim(pod.metadata.namespace ?? 'default', claimName);
  if (claim === undefined) throw new ConfigurationError(`persistentvolumeclaim "${claimName}" not found`);
  const volumeName = claim.spec.volumeName;
  if (volumeName === undefined || volumeName === '' || claim.status?.phase !== 'Bound') {
    throw new ConfigurationError(`persistentvolumeclaim "${claimName}" is not bound to a volume yet`);
  }
  const volume = await lookUp.volume(volumeName);
  if (volume === undefined) throw new ConfigurationError(`persistentvolume "${volumeName}" not found`);
  const { local, hostPath, nfs } = volume.spec;
  if (nfs !== undefined) {
    await mountNfs(nfs, mountPoint, volume.spec.mountOptions ?? []);
    return { path: mountPoint, readOnly: readOnly || nfs.readOnly === true };
  }
  if (local !== undefined) await checkHostPath(local.path, 'Directory');
  else if (hostPath !== undefined) await checkHostPath(hostPath.path, hostPath.type ?? '');
  const path = local?.path ?? hostPath?.path;
  if (path === undefined) {
    throw new ConfigurationError(
      `persistentvolume "${volumeName}" needs a storage driver; this node mounts local, hostPath and nfs volumes`,
    );
  }
  return { path, readOnly };
}
