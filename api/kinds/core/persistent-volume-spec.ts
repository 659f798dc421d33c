// PersistentVolumeSpec: what a persistent volume is, whatever it is made of.
import {
  atomicList,
  boolean,
  defaulted,
  define,
  granular,
  int32,
  map,
  oneOf,
  quantity,
  required,
  string,
} from '../../schema/vocabulary.ts';
import { NodeSelector } from './affinity.ts';
import { ObjectReference } from './reference.ts';
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  HostPathVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume-source.ts';

export class AzureFilePersistentVolumeSource extends define('io.k8s.api.core.v1.AzureFilePersistentVolumeSource', {
  readOnly: boolean,
  secretName: required(string),
  secretNamespace: string,
  shareName: required(string),
}) {}

export class SecretReference extends define(
  'io.k8s.api.core.v1.SecretReference',
  {
    name: string,
    namespace: string,
  },
  { atomic: true },
) {}

export class CSIPersistentVolumeSource extends define('io.k8s.api.core.v1.CSIPersistentVolumeSource', {
  controllerExpandSecretRef: SecretReference,
  controllerPublishSecretRef: SecretReference,
  driver: required(string),
  fsType: string,
  nodeExpandSecretRef: SecretReference,
  nodePublishSecretRef: SecretReference,
  nodeStageSecretRef: SecretReference,
  readOnly: boolean,
  volumeAttributes: map(string),
  volumeHandle: required(string),
}) {}

export class CephFSPersistentVolumeSource extends define('io.k8s.api.core.v1.CephFSPersistentVolumeSource', {
  monitors: required(atomicList(string)),
  path: string,
  readOnly: boolean,
  secretFile: string,
  secretRef: SecretReference,
  user: string,
}) {}

export class CinderPersistentVolumeSource extends define('io.k8s.api.core.v1.CinderPersistentVolumeSource', {
  fsType: string,
  readOnly: boolean,
  secretRef: SecretReference,
  volumeID: required(string),
}) {}

export class FlexPersistentVolumeSource extends define('io.k8s.api.core.v1.FlexPersistentVolumeSource', {
  driver: required(string),
  fsType: string,
  options: map(string),
  readOnly: boolean,
  secretRef: SecretReference,
}) {}

export class GlusterfsPersistentVolumeSource extends define('io.k8s.api.core.v1.GlusterfsPersistentVolumeSource', {
  endpoints: required(string),
  endpointsNamespace: string,
  path: required(string),
  readOnly: boolean,
}) {}

export class ISCSIPersistentVolumeSource extends define('io.k8s.api.core.v1.ISCSIPersistentVolumeSource', {
  chapAuthDiscovery: boolean,
  chapAuthSession: boolean,
  fsType: string,
  initiatorName: string,
  iqn: required(string),
  iscsiInterface: defaulted(string, 'default'),
  lun: required(int32),
  portals: atomicList(string),
  readOnly: boolean,
  secretRef: SecretReference,
  targetPortal: required(string),
}) {}

export class LocalVolumeSource extends define('io.k8s.api.core.v1.LocalVolumeSource', {
  fsType: string,
  path: required(string),
}) {}

export class VolumeNodeAffinity extends define('io.k8s.api.core.v1.VolumeNodeAffinity', {
  required: NodeSelector,
}) {}

export class RBDPersistentVolumeSource extends define('io.k8s.api.core.v1.RBDPersistentVolumeSource', {
  fsType: string,
  image: required(string),
  keyring: defaulted(string, '/etc/ceph/keyring'),
  monitors: required(atomicList(string)),
  pool: defaulted(string, 'rbd'),
  readOnly: boolean,
  secretRef: SecretReference,
  user: defaulted(string, 'admin'),
}) {}

export class ScaleIOPersistentVolumeSource extends define('io.k8s.api.core.v1.ScaleIOPersistentVolumeSource', {
  fsType: defaulted(string, 'xfs'),
  gateway: required(string),
  protectionDomain: string,
  readOnly: boolean,
  secretRef: required(SecretReference),
  sslEnabled: boolean,
  storageMode: defaulted(string, 'ThinProvisioned'),
  storagePool: string,
  system: required(string),
  volumeName: string,
}) {}

export class StorageOSPersistentVolumeSource extends define('io.k8s.api.core.v1.StorageOSPersistentVolumeSource', {
  fsType: string,
  readOnly: boolean,
  secretRef: ObjectReference,
  volumeName: string,
  volumeNamespace: string,
}) {}

export class PersistentVolumeSpec extends define(
  'io.k8s.api.core.v1.PersistentVolumeSpec',
  {
    accessModes: atomicList(oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod')),
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource,
    azureDisk: AzureDiskVolumeSource,
    azureFile: AzureFilePersistentVolumeSource,
    capacity: map(quantity),
    cephfs: CephFSPersistentVolumeSource,
    cinder: CinderPersistentVolumeSource,
    claimRef: granular(ObjectReference),
    csi: CSIPersistentVolumeSource,
    fc: FCVolumeSource,
    flexVolume: FlexPersistentVolumeSource,
    flocker: FlockerVolumeSource,
    gcePersistentDisk: GCEPersistentDiskVolumeSource,
    glusterfs: GlusterfsPersistentVolumeSource,
    hostPath: HostPathVolumeSource,
    iscsi: ISCSIPersistentVolumeSource,
    local: LocalVolumeSource,
    mountOptions: atomicList(string),
    nfs: NFSVolumeSource,
    nodeAffinity: VolumeNodeAffinity,
    persistentVolumeReclaimPolicy: oneOf('Delete', 'Recycle', 'Retain'),
    photonPersistentDisk: PhotonPersistentDiskVolumeSource,
    portworxVolume: PortworxVolumeSource,
    quobyte: QuobyteVolumeSource,
    rbd: RBDPersistentVolumeSource,
    scaleIO: ScaleIOPersistentVolumeSource,
    storageClassName: string,
    storageos: StorageOSPersistentVolumeSource,
    volumeAttributesClassName: string,
    volumeMode: oneOf('Block', 'Filesystem'),
    vsphereVolume: VsphereVirtualDiskVolumeSource,
  },
  {
    defaults: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' },
  },
) {}
