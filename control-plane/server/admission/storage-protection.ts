// Claims and volumes are protected from their first moment: nobody can delete one that is in use, not even before the
// controller that lifts the protection has seen it. Upstream's StorageObjectInUseProtection.
import type { AdmissionPlugin } from './admission.ts';

const finalizers: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/** The step. */
export const storageProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  concerns: ({ operation, definition, subresource }) =>
    operation === 'CREATE' && subresource === '' && definition.group === '' && definition.plural in finalizers,
  mutate({ definition, object }) {
    const finalizer = finalizers[definition.plural];
    if (object === undefined || finalizer === undefined) return;
    const known = object.metadata.finalizers ?? [];
    if (!known.includes(finalizer)) object.metadata.finalizers = [...known, finalizer];
  },
};
