// VolumeAttachment: a volume that is to be attached to a node.
import { boolean, define, int32, map, required, string, time } from '../../schema/vocabulary.ts';
import { PersistentVolumeSpec } from '../core/persistent-volume-spec.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { volumeAttachmentPrinter } from '../printing/storage-printers.ts';
import { validateAttachmentUpdate } from './storage-rules.ts';

export class VolumeAttachmentSource extends define('io.k8s.api.storage.v1.VolumeAttachmentSource', {
  inlineVolumeSpec: PersistentVolumeSpec,
  persistentVolumeName: string,
}) {}

export class VolumeAttachmentSpec extends define('io.k8s.api.storage.v1.VolumeAttachmentSpec', {
  attacher: required(string),
  nodeName: required(string),
  source: required(VolumeAttachmentSource),
}) {}

export class VolumeError extends define('io.k8s.api.storage.v1.VolumeError', {
  errorCode: int32,
  message: string,
  time,
}) {}

export class VolumeAttachmentStatus extends define('io.k8s.api.storage.v1.VolumeAttachmentStatus', {
  attachError: VolumeError,
  attached: required(boolean),
  attachmentMetadata: map(string),
  detachError: VolumeError,
}) {}

export class VolumeAttachment extends kind('io.k8s.api.storage.v1.VolumeAttachment', {
  spec: required(VolumeAttachmentSpec),
  status: VolumeAttachmentStatus,
}) {}

export const volumeAttachments: ResourceDefinition<VolumeAttachment> = resource(VolumeAttachment, {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'volumeattachments',
  namespaced: false,
  subresources: { status },
  printer: volumeAttachmentPrinter,
  validateUpdate: validateAttachmentUpdate,
});
