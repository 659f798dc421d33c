// Sources that volumes of pods and persistent volumes have in common. Most are of long ago and served for old objects.
import { atomicList, boolean, defaulted, define, int32, oneOf, required, string } from '../../schema/vocabulary.ts';

export class AWSElasticBlockStoreVolumeSource extends define('io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource', {
  fsType: string,
  partition: int32,
  readOnly: boolean,
  volumeID: required(string),
}) {}

export class AzureDiskVolumeSource extends define(
  'io.k8s.api.core.v1.AzureDiskVolumeSource',
  {
    cachingMode: defaulted(oneOf('None', 'ReadOnly', 'ReadWrite'), 'ReadWrite'),
    diskName: required(string),
    diskURI: required(string),
    fsType: defaulted(string, 'ext4'),
    kind: defaulted(oneOf('Dedicated', 'Managed', 'Shared'), 'Shared'),
    readOnly: boolean,
  },
  {
    defaults: { readOnly: false },
  },
) {}

export class FCVolumeSource extends define('io.k8s.api.core.v1.FCVolumeSource', {
  fsType: string,
  lun: int32,
  readOnly: boolean,
  targetWWNs: atomicList(string),
  wwids: atomicList(string),
}) {}

export class FlockerVolumeSource extends define('io.k8s.api.core.v1.FlockerVolumeSource', {
  datasetName: string,
  datasetUUID: string,
}) {}

export class GCEPersistentDiskVolumeSource extends define('io.k8s.api.core.v1.GCEPersistentDiskVolumeSource', {
  fsType: string,
  partition: int32,
  pdName: required(string),
  readOnly: boolean,
}) {}

export class HostPathVolumeSource extends define(
  'io.k8s.api.core.v1.HostPathVolumeSource',
  {
    path: required(string),
    type: oneOf('', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'),
  },
  {
    defaults: { type: '' },
  },
) {}

export class NFSVolumeSource extends define('io.k8s.api.core.v1.NFSVolumeSource', {
  path: required(string),
  readOnly: boolean,
  server: required(string),
}) {}

export class PhotonPersistentDiskVolumeSource extends define('io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource', {
  fsType: string,
  pdID: required(string),
}) {}

export class PortworxVolumeSource extends define('io.k8s.api.core.v1.PortworxVolumeSource', {
  fsType: string,
  readOnly: boolean,
  volumeID: required(string),
}) {}

export class QuobyteVolumeSource extends define('io.k8s.api.core.v1.QuobyteVolumeSource', {
  group: string,
  readOnly: boolean,
  registry: required(string),
  tenant: string,
  user: string,
  volume: required(string),
}) {}

export class VsphereVirtualDiskVolumeSource extends define('io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource', {
  fsType: string,
  storagePolicyID: string,
  storagePolicyName: string,
  volumePath: required(string),
}) {}
