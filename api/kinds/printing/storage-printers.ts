// Table rows of volumes, claims and what provides them.
import type { PersistentVolume } from '../core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import type { CSIDriver, CSINode, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../storage/index.ts';
import { age, name, nameLike, orNone, printer, text, typed, wide, type Printer } from './printer.ts';

const shortModes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function accessModes(modes: readonly string[] | undefined): string {
  const order = Object.keys(shortModes);
  const known = order.filter((mode) => modes?.includes(mode));
  return known.map((mode) => shortModes[mode]).join(',');
}

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export const persistentVolumePrinter: Printer<PersistentVolume> = printer<PersistentVolume>(
  name,
  text('Capacity', ({ spec }) => spec.capacity?.['storage'] ?? ''),
  text('Access Modes', ({ spec }) => accessModes(spec.accessModes)),
  text('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? ''),
  text('Status', ({ metadata, status }) =>
    metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
  ),
  text('Claim', ({ spec }) => (spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')),
  text('StorageClass', ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''),
  text('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
  text('Reason', ({ status }) => status?.reason ?? ''),
  age,
  wide(text('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>')),
);

export const persistentVolumeClaimPrinter: Printer<PersistentVolumeClaim> = printer<PersistentVolumeClaim>(
  name,
  text('Status', ({ metadata, status }) =>
    metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
  ),
  text('Volume', ({ spec }) => spec.volumeName ?? ''),
  text('Capacity', ({ spec, status }) => (spec.volumeName ? (status?.capacity?.['storage'] ?? '') : '')),
  text('Access Modes', ({ spec, status }) => (spec.volumeName ? accessModes(status?.accessModes) : '')),
  text('StorageClass', ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''),
  text('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
  age,
  wide(text('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>')),
);

const defaultClass = 'storageclass.kubernetes.io/is-default-class';

export const storageClassPrinter: Printer<StorageClass> = printer<StorageClass>(
  nameLike('Name', ({ metadata }) =>
    metadata.annotations?.[defaultClass] === 'true' ? `${metadata.name} (default)` : metadata.name,
  ),
  text('Provisioner', ({ provisioner }) => provisioner),
  text('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  text('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  text('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
  age,
);

export const csiDriverPrinter: Printer<CSIDriver> = printer<CSIDriver>(
  name,
  typed('boolean', 'AttachRequired', ({ spec }) => spec.attachRequired ?? true),
  typed('boolean', 'PodInfoOnMount', ({ spec }) => spec.podInfoOnMount ?? false),
  typed('boolean', 'StorageCapacity', ({ spec }) => spec.storageCapacity ?? false),
  text(
    'TokenRequests',
    ({ spec }) => (spec.tokenRequests ?? []).map(({ audience }) => audience).join(',') || '<unset>',
  ),
  typed('boolean', 'RequiresRepublish', ({ spec }) => spec.requiresRepublish ?? false),
  text('Modes', ({ spec }) => orNone((spec.volumeLifecycleModes ?? []).join(','))),
  age,
);

export const csiNodePrinter: Printer<CSINode> = printer<CSINode>(
  name,
  typed('integer', 'Drivers', ({ spec }) => (spec.drivers ?? []).length),
  age,
);

export const volumeAttachmentPrinter: Printer<VolumeAttachment> = printer<VolumeAttachment>(
  name,
  nameLike('Attacher', ({ spec }) => spec.attacher),
  text('PV', ({ spec }) => spec.source.persistentVolumeName ?? ''),
  text('Node', ({ spec }) => spec.nodeName),
  typed('boolean', 'Attached', ({ status }) => status?.attached ?? false),
  age,
);

export const volumeAttributesClassPrinter: Printer<VolumeAttributesClass> = printer<VolumeAttributesClass>(
  name,
  text('DriverName', ({ driverName }) => driverName),
  age,
);
