// A claim that names no storage class gets the default one: the newest that is marked so.
import type { PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import { storageClasses, type StorageClass } from '../../../api/kinds/storage/index.ts';
import type { Reader } from '../registry/reader.ts';
import type { AdmissionPlugin } from './admission.ts';

const marks = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** The DefaultStorageClass plugin. */
export function createDefaultStorageClass(reader: Reader): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    concerns: ({ operation, definition, subresource }) =>
      operation === 'CREATE' &&
      subresource === '' &&
      definition.group === '' &&
      definition.plural === 'persistentvolumeclaims',
    async mutate({ object }) {
      const { spec, metadata } = object as PersistentVolumeClaim;
      if (
        spec === undefined ||
        spec.storageClassName !== undefined ||
        metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined
      )
        return;
      const all = await reader.list<StorageClass>(storageClasses, '');
      const [chosen] = all
        .filter((one) => marks.some((mark) => one.metadata.annotations?.[mark] === 'true'))
        .sort(newestFirst);
      if (chosen !== undefined) spec.storageClassName = chosen.metadata.name;
    },
  };
}

function newestFirst(a: Readonly<StorageClass>, b: Readonly<StorageClass>): number {
  const [x, y] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (x !== y) return x < y ? 1 : -1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
