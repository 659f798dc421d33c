// Words on volumes, claims and classes.
import type { TypeWords } from './index.ts';

const core: TypeWords = {
  Volume: {
    '': 'Storage that containers of a pod can mount. It has exactly one source.',
    name: 'The name by which containers mount it.',
    emptyDir: 'An empty folder that lives as long as the pod.',
    hostPath: 'A file or folder of the node. Avoid it: it ties the pod to the machine.',
    configMap: 'The keys of a ConfigMap as files.',
    secret: 'The keys of a Secret as files, in memory.',
    projected: 'Several ConfigMaps, Secrets and tokens in one folder.',
    downwardAPI: 'Facts about the pod as files.',
    persistentVolumeClaim: 'A volume that a claim is bound to.',
    ephemeral: 'A claim of its own, made and removed with the pod.',
    nfs: 'A share of an NFS server.',
    csi: 'A volume of a storage driver, for the life of the pod.',
    image: 'The files of an image.',
  },
  EmptyDirVolumeSource: {
    medium: 'Memory for a folder in memory; empty for the disk.',
    sizeLimit: 'The most it may hold; more evicts the pod.',
  },
  HostPathVolumeSource: {
    path: 'The path on the node.',
    type: 'What must be there: Directory, File, DirectoryOrCreate, …; empty for no check.',
  },
  ConfigMapVolumeSource: {
    name: 'The ConfigMap.',
    items: 'Which keys become which files; all by default.',
    defaultMode: 'The permissions of the files; 0644 by default.',
    optional: 'Whether the ConfigMap may be missing.',
  },
  SecretVolumeSource: {
    secretName: 'The Secret.',
    items: 'Which keys become which files; all by default.',
    defaultMode: 'The permissions of the files; 0644 by default.',
    optional: 'Whether the Secret may be missing.',
  },
  PersistentVolumeClaimVolumeSource: {
    claimName: 'The claim, in the same namespace.',
    readOnly: 'Whether it can only be read.',
  },
  PersistentVolumeClaim: {
    '': 'A wish for storage, to be bound to a volume.',
    spec: 'What is wished for.',
    status: 'What was found.',
  },
  PersistentVolumeClaimSpec: {
    accessModes: 'How it is mounted: ReadWriteOnce (one node), ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.',
    resources: 'How much storage is wished for.',
    storageClassName: 'The class that provides it; the default class when left out, none when empty.',
    volumeName: 'The volume that the claim is bound to.',
    volumeMode: 'Filesystem or Block.',
    selector: 'Which existing volumes will do.',
    dataSource: 'What the new volume begins with.',
  },
  PersistentVolumeClaimStatus: {
    phase: 'Pending, Bound or Lost.',
    accessModes: 'How the volume can be mounted.',
    capacity: 'How much the volume holds.',
  },
  PersistentVolume: { '': 'Storage that outlives pods.', spec: 'What it is.', status: 'Whether it is used.' },
  PersistentVolumeSpec: {
    capacity: 'How much it holds.',
    accessModes: 'How it can be mounted.',
    persistentVolumeReclaimPolicy: 'What becomes of it when its claim goes: Retain, Delete or Recycle.',
    storageClassName: 'The class that it belongs to.',
    claimRef: 'The claim that it is bound to.',
    nodeAffinity: 'Which nodes can reach it.',
    volumeMode: 'Filesystem or Block.',
    mountOptions: 'Options for mounting it.',
  },
};

const storage: TypeWords = {
  StorageClass: {
    '': 'A kind of storage that claims can ask for.',
    provisioner: 'Who makes the volumes.',
    parameters: 'What the provisioner is told.',
    reclaimPolicy: 'What becomes of volumes when their claim goes: Delete or Retain.',
    volumeBindingMode: 'Immediate, or WaitForFirstConsumer: when a pod that uses the claim is placed.',
    allowVolumeExpansion: 'Whether claims may grow.',
    mountOptions: 'Options for mounting the volumes.',
    allowedTopologies: 'Where volumes may be made.',
  },
};

export const storageWords = { core, storage };
