// Volumes of the default storage class: a folder on the node of the first pod. The node's agent makes the folder when
// the pod starts, as a hostPath of type DirectoryOrCreate.
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import type { StorageClass } from '../../../api/kinds/storage/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { boundAnnotation, localPathProvisioner, provisionedAnnotation } from './plan.ts';

/** Where volumes lie on a node. */
export const volumesFolder = '/var/lib/pilothouse/volumes';

/** The storage class that claims get when they name none. */
export const localPathClass: Draft<StorageClass> = {
  metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: localPathProvisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
};

/** The volume that is made for a claim; its name comes from the claim's uid, so it is made once. */
export function localPathVolume(
  claim: Readonly<PersistentVolumeClaim>,
  storageClass: Readonly<StorageClass>,
  nodeName: string,
): Draft<PersistentVolume> {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  return {
    metadata: {
      name: volumeName,
      annotations: { [provisionedAnnotation]: localPathProvisioner, [boundAnnotation]: 'yes' },
    },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '1Gi' },
      accessModes: [...(claim.spec?.accessModes ?? ['ReadWriteOnce'])],
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy === 'Retain' ? 'Retain' : 'Delete',
      hostPath: { path: `${volumesFolder}/${volumeName}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }] },
          ],
        },
      },
    },
  };
}
