// Volume: storage that containers of a pod can mount, of every kind.
import {
  atomicList,
  boolean,
  defaulted,
  define,
  int32,
  int64,
  map,
  oneOf,
  quantity,
  required,
  string,
} from '../../schema/vocabulary.ts';
import { PersistentVolumeClaimSpec } from './persistent-volume-claim-spec.ts';
import { LocalObjectReference, ObjectFieldSelector, ResourceFieldSelector } from './reference.ts';
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
import { LabelSelector } from '../meta/label-selector.ts';
import { templateMeta } from '../meta/object-meta.ts';

export class AzureFileVolumeSource extends define('io.k8s.api.core.v1.AzureFileVolumeSource', {
  readOnly: boolean,
  secretName: required(string),
  shareName: required(string),
}) {}

export class CSIVolumeSource extends define('io.k8s.api.core.v1.CSIVolumeSource', {
  driver: required(string),
  fsType: string,
  nodePublishSecretRef: LocalObjectReference,
  readOnly: boolean,
  volumeAttributes: map(string),
}) {}

export class CephFSVolumeSource extends define('io.k8s.api.core.v1.CephFSVolumeSource', {
  monitors: required(atomicList(string)),
  path: string,
  readOnly: boolean,
  secretFile: string,
  secretRef: LocalObjectReference,
  user: string,
}) {}

export class CinderVolumeSource extends define('io.k8s.api.core.v1.CinderVolumeSource', {
  fsType: string,
  readOnly: boolean,
  secretRef: LocalObjectReference,
  volumeID: required(string),
}) {}

export class ClusterTrustBundleProjection extends define('io.k8s.api.core.v1.ClusterTrustBundleProjection', {
  labelSelector: LabelSelector,
  name: string,
  optional: boolean,
  path: required(string),
  signerName: string,
}) {}

export class KeyToPath extends define('io.k8s.api.core.v1.KeyToPath', {
  key: required(string),
  mode: int32,
  path: required(string),
}) {}

export class ConfigMapProjection extends define('io.k8s.api.core.v1.ConfigMapProjection', {
  items: atomicList(KeyToPath),
  name: string,
  optional: boolean,
}) {}

export class ConfigMapVolumeSource extends define(
  'io.k8s.api.core.v1.ConfigMapVolumeSource',
  {
    defaultMode: int32,
    items: atomicList(KeyToPath),
    name: string,
    optional: boolean,
  },
  {
    defaults: { defaultMode: 0o644 },
  },
) {}

export class DownwardAPIVolumeFile extends define('io.k8s.api.core.v1.DownwardAPIVolumeFile', {
  fieldRef: ObjectFieldSelector,
  mode: int32,
  path: required(string),
  resourceFieldRef: ResourceFieldSelector,
}) {}

export class DownwardAPIProjection extends define('io.k8s.api.core.v1.DownwardAPIProjection', {
  items: atomicList(DownwardAPIVolumeFile),
}) {}

export class DownwardAPIVolumeSource extends define(
  'io.k8s.api.core.v1.DownwardAPIVolumeSource',
  {
    defaultMode: int32,
    items: atomicList(DownwardAPIVolumeFile),
  },
  {
    defaults: { defaultMode: 0o644 },
  },
) {}

export class EmptyDirVolumeSource extends define('io.k8s.api.core.v1.EmptyDirVolumeSource', {
  medium: string,
  sizeLimit: quantity,
}) {}

export class PersistentVolumeClaimTemplate extends define('io.k8s.api.core.v1.PersistentVolumeClaimTemplate', {
  metadata: templateMeta,
  spec: required(PersistentVolumeClaimSpec),
}) {}

export class EphemeralVolumeSource extends define('io.k8s.api.core.v1.EphemeralVolumeSource', {
  volumeClaimTemplate: PersistentVolumeClaimTemplate,
}) {}

export class FlexVolumeSource extends define('io.k8s.api.core.v1.FlexVolumeSource', {
  driver: required(string),
  fsType: string,
  options: map(string),
  readOnly: boolean,
  secretRef: LocalObjectReference,
}) {}

export class GitRepoVolumeSource extends define('io.k8s.api.core.v1.GitRepoVolumeSource', {
  directory: string,
  repository: required(string),
  revision: string,
}) {}

export class GlusterfsVolumeSource extends define('io.k8s.api.core.v1.GlusterfsVolumeSource', {
  endpoints: required(string),
  path: required(string),
  readOnly: boolean,
}) {}

export class ISCSIVolumeSource extends define('io.k8s.api.core.v1.ISCSIVolumeSource', {
  chapAuthDiscovery: boolean,
  chapAuthSession: boolean,
  fsType: string,
  initiatorName: string,
  iqn: required(string),
  iscsiInterface: defaulted(string, 'default'),
  lun: required(int32),
  portals: atomicList(string),
  readOnly: boolean,
  secretRef: LocalObjectReference,
  targetPortal: required(string),
}) {}

export class ImageVolumeSource extends define('io.k8s.api.core.v1.ImageVolumeSource', {
  pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
  reference: string,
}) {}

export class PersistentVolumeClaimVolumeSource extends define('io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource', {
  claimName: required(string),
  readOnly: boolean,
}) {}

export class PodCertificateProjection extends define('io.k8s.api.core.v1.PodCertificateProjection', {
  certificateChainPath: string,
  credentialBundlePath: string,
  keyPath: string,
  keyType: required(string),
  maxExpirationSeconds: int32,
  signerName: required(string),
  userAnnotations: map(string),
}) {}

export class SecretProjection extends define('io.k8s.api.core.v1.SecretProjection', {
  items: atomicList(KeyToPath),
  name: string,
  optional: boolean,
}) {}

export class ServiceAccountTokenProjection extends define(
  'io.k8s.api.core.v1.ServiceAccountTokenProjection',
  {
    audience: string,
    expirationSeconds: int64,
    path: required(string),
  },
  {
    defaults: { expirationSeconds: 3600 },
  },
) {}

export class VolumeProjection extends define('io.k8s.api.core.v1.VolumeProjection', {
  clusterTrustBundle: ClusterTrustBundleProjection,
  configMap: ConfigMapProjection,
  downwardAPI: DownwardAPIProjection,
  podCertificate: PodCertificateProjection,
  secret: SecretProjection,
  serviceAccountToken: ServiceAccountTokenProjection,
}) {}

export class ProjectedVolumeSource extends define(
  'io.k8s.api.core.v1.ProjectedVolumeSource',
  {
    defaultMode: int32,
    sources: atomicList(VolumeProjection),
  },
  {
    defaults: { defaultMode: 0o644 },
  },
) {}

export class RBDVolumeSource extends define('io.k8s.api.core.v1.RBDVolumeSource', {
  fsType: string,
  image: required(string),
  keyring: defaulted(string, '/etc/ceph/keyring'),
  monitors: required(atomicList(string)),
  pool: defaulted(string, 'rbd'),
  readOnly: boolean,
  secretRef: LocalObjectReference,
  user: defaulted(string, 'admin'),
}) {}

export class ScaleIOVolumeSource extends define('io.k8s.api.core.v1.ScaleIOVolumeSource', {
  fsType: defaulted(string, 'xfs'),
  gateway: required(string),
  protectionDomain: string,
  readOnly: boolean,
  secretRef: required(LocalObjectReference),
  sslEnabled: boolean,
  storageMode: defaulted(string, 'ThinProvisioned'),
  storagePool: string,
  system: required(string),
  volumeName: string,
}) {}

export class SecretVolumeSource extends define(
  'io.k8s.api.core.v1.SecretVolumeSource',
  {
    defaultMode: int32,
    items: atomicList(KeyToPath),
    optional: boolean,
    secretName: string,
  },
  {
    defaults: { defaultMode: 0o644 },
  },
) {}

export class StorageOSVolumeSource extends define('io.k8s.api.core.v1.StorageOSVolumeSource', {
  fsType: string,
  readOnly: boolean,
  secretRef: LocalObjectReference,
  volumeName: string,
  volumeNamespace: string,
}) {}

export class Volume extends define(
  'io.k8s.api.core.v1.Volume',
  {
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource,
    azureDisk: AzureDiskVolumeSource,
    azureFile: AzureFileVolumeSource,
    cephfs: CephFSVolumeSource,
    cinder: CinderVolumeSource,
    configMap: ConfigMapVolumeSource,
    csi: CSIVolumeSource,
    downwardAPI: DownwardAPIVolumeSource,
    emptyDir: EmptyDirVolumeSource,
    ephemeral: EphemeralVolumeSource,
    fc: FCVolumeSource,
    flexVolume: FlexVolumeSource,
    flocker: FlockerVolumeSource,
    gcePersistentDisk: GCEPersistentDiskVolumeSource,
    gitRepo: GitRepoVolumeSource,
    glusterfs: GlusterfsVolumeSource,
    hostPath: HostPathVolumeSource,
    image: ImageVolumeSource,
    iscsi: ISCSIVolumeSource,
    name: required(string),
    nfs: NFSVolumeSource,
    persistentVolumeClaim: PersistentVolumeClaimVolumeSource,
    photonPersistentDisk: PhotonPersistentDiskVolumeSource,
    portworxVolume: PortworxVolumeSource,
    projected: ProjectedVolumeSource,
    quobyte: QuobyteVolumeSource,
    rbd: RBDVolumeSource,
    scaleIO: ScaleIOVolumeSource,
    secret: SecretVolumeSource,
    storageos: StorageOSVolumeSource,
    vsphereVolume: VsphereVirtualDiskVolumeSource,
  },
  {
    fill(volume) {
      // A volume without a source is an empty directory.
      if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
    },
  },
) {}
