// Which volume a claim gets, and what becomes of a volume when its claim goes. Pure; upstream's rules for binding.
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import type { StorageClass } from '../../../api/kinds/storage/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { compareQuantities } from '../../../api/meta/quantity.ts';

export const selectedNodeAnnotation = 'volume.kubernetes.io/selected-node';
export const boundAnnotation = 'pv.kubernetes.io/bound-by-controller';
export const completedAnnotation = 'pv.kubernetes.io/bind-completed';
export const provisionedAnnotation = 'pv.kubernetes.io/provisioned-by';
export const claimFinalizer = 'kubernetes.io/pvc-protection';
export const volumeFinalizer = 'kubernetes.io/pv-protection';

export type ClaimPlan =
  | { do: 'nothing' }
  /** The claim names a volume, or there is one that fits. */
  | { do: 'bind'; volume: Readonly<PersistentVolume> }
  /** Its class makes volumes, on `node` where the class says that the first pod's node decides. */
  | { do: 'provision'; node?: string }
  /** Waiting for a pod, for a volume or for someone else's provisioner: told as an event. */
  | { do: 'wait'; reason: string; message: string }
  /** Bound once, and the volume has vanished. */
  | { do: 'lost' };

export const localPathProvisioner = 'pilothouse.io/local-path';

export function planClaim(
  claim: Readonly<PersistentVolumeClaim>,
  volumes: readonly Readonly<PersistentVolume>[],
  storageClass: Readonly<StorageClass> | undefined,
): ClaimPlan {
  if (claim.metadata.deletionTimestamp !== undefined) return { do: 'nothing' };
  const named = claim.spec?.volumeName;
  if (named) {
    const volume = volumes.find(({ metadata }) => metadata.name === named);
    if (volume === undefined)
      return claim.metadata.annotations?.[completedAnnotation] ? { do: 'lost' } : { do: 'nothing' };
    if (!isFreeFor(volume, claim)) return { do: 'nothing' };
    const isDone =
      claim.status?.phase === 'Bound' &&
      volume.spec?.claimRef?.uid === claim.metadata.uid &&
      volume.status?.phase === 'Bound';
    return isDone ? { do: 'nothing' } : { do: 'bind', volume };
  }
  const reserved = volumes.find(
    (volume) =>
      volume.spec?.claimRef !== undefined && isFreeFor(volume, claim) && volume.spec.claimRef.name !== undefined,
  );
  const isLate = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const node = claim.metadata.annotations?.[selectedNodeAnnotation];
  if (isLate && node === undefined && reserved === undefined) {
    return {
      do: 'wait',
      reason: 'WaitForFirstConsumer',
      message: 'waiting for first consumer to be created before binding',
    };
  }
  const fitting =
    reserved ?? smallest(volumes.filter((volume) => volume.spec?.claimRef === undefined && fits(volume, claim)));
  if (fitting) return { do: 'bind', volume: fitting };
  const className = claim.spec?.storageClassName;
  if (!className)
    return {
      do: 'wait',
      reason: 'FailedBinding',
      message: 'no persistent volumes available for this claim and no storage class is set',
    };
  if (storageClass === undefined)
    return {
      do: 'wait',
      reason: 'ProvisioningFailed',
      message: `storageclass.storage.k8s.io "${className}" not found`,
    };
  if (storageClass.provisioner === localPathProvisioner) return { do: 'provision', node };
  if (storageClass.provisioner === 'kubernetes.io/no-provisioner') {
    return {
      do: 'wait',
      reason: 'FailedBinding',
      message: 'no persistent volumes available for this claim and its storage class makes none',
    };
  }
  return {
    do: 'wait',
    reason: 'ExternalProvisioning',
    message: `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator.`,
  };
}

const defaultMarks = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

/**
 * The class that a claim gets which was made before there was a default one; undefined when it has one, asks for none
 * (`''`), or is bound. The newest default counts, as at admission.
 */
export function lateClass(
  { spec, metadata }: Readonly<PersistentVolumeClaim>,
  classes: readonly Readonly<StorageClass>[],
): string | undefined {
  if (spec?.storageClassName !== undefined || spec?.volumeName || metadata.deletionTimestamp !== undefined)
    return undefined;
  if (metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return undefined;
  const [newest] = classes
    .filter((one) => defaultMarks.some((mark) => one.metadata.annotations?.[mark] === 'true'))
    .sort(
      (a, b) =>
        Date.parse(b.metadata.creationTimestamp) - Date.parse(a.metadata.creationTimestamp) ||
        (a.metadata.name < b.metadata.name ? -1 : 1),
    );
  return newest?.metadata.name;
}

/** Whether the volume is nobody's, or kept for this very claim. */
function isFreeFor(volume: Readonly<PersistentVolume>, claim: Readonly<PersistentVolumeClaim>): boolean {
  const ref = volume.spec?.claimRef;
  if (ref === undefined) return true;
  if (ref.namespace !== claim.metadata.namespace || ref.name !== claim.metadata.name) return false;
  return ref.uid === undefined || ref.uid === '' || ref.uid === claim.metadata.uid;
}

function fits(volume: Readonly<PersistentVolume>, claim: Readonly<PersistentVolumeClaim>): boolean {
  const { spec, status, metadata } = volume;
  if (
    metadata.deletionTimestamp !== undefined ||
    (status?.phase !== undefined && status.phase !== 'Available' && status.phase !== 'Pending')
  )
    return false;
  if ((spec?.storageClassName ?? '') !== (claim.spec?.storageClassName ?? '')) return false;
  if ((spec?.volumeAttributesClassName ?? '') !== (claim.spec?.volumeAttributesClassName ?? '')) return false;
  if ((spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false;
  if (!(claim.spec?.accessModes ?? []).every((mode) => spec?.accessModes?.includes(mode))) return false;
  if (claim.spec?.selector && !matchesLabelSelector(claim.spec.selector, metadata.labels ?? {})) return false;
  const wanted = claim.spec?.resources?.requests?.['storage'] ?? '0';
  return compareQuantities(spec?.capacity?.['storage'] ?? '0', wanted) >= 0;
}

function smallest(volumes: readonly Readonly<PersistentVolume>[]): Readonly<PersistentVolume> | undefined {
  return [...volumes].sort(
    (a, b) =>
      compareQuantities(a.spec?.capacity?.['storage'] ?? '0', b.spec?.capacity?.['storage'] ?? '0') ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  )[0];
}

export type VolumePlan =
  | { do: 'nothing' }
  | { do: 'phase'; phase: 'Available' | 'Bound' | 'Released' | 'Failed'; message?: string }
  | { do: 'delete' };

/** @param claim the claim that the volume refers to, if it still exists with the same uid */
export function planVolume(
  volume: Readonly<PersistentVolume>,
  claim: Readonly<PersistentVolumeClaim> | undefined,
): VolumePlan {
  const ref = volume.spec?.claimRef;
  const to = (phase: 'Available' | 'Bound' | 'Released'): VolumePlan =>
    volume.status?.phase === phase ? { do: 'nothing' } : { do: 'phase', phase };
  if (volume.metadata.deletionTimestamp !== undefined) return { do: 'nothing' };
  if (ref === undefined || !ref.uid) return to('Available');
  if (claim !== undefined)
    return claim.spec?.volumeName === volume.metadata.name || claim.spec?.volumeName === undefined
      ? to('Bound')
      : { do: 'nothing' };
  if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return to('Released');
  if (volume.metadata.annotations?.[provisionedAnnotation] === localPathProvisioner)
    return volume.status?.phase === 'Released' ? { do: 'delete' } : to('Released');
  return to('Released');
}
