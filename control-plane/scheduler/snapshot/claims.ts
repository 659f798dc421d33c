// A pod's persistent volume claims, and what has to happen before the pod may run on a node: nothing (bound), a present
// volume bound, or a new one made there. Rules of upstream's volume binding.
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/kinds/core/index.ts';
import type { CSINode, StorageClass } from '../../../api/kinds/storage/index.ts';
import { compareQuantities } from '../../../api/meta/quantity.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import type { NodeInfo } from './node-info.ts';
import { compileNodeTerm } from './terms.ts';
import { wrongZone } from './volume-zones.ts';

/** Where claims, volumes and classes are looked up; answers belong to the snapshot's moment. */
export interface VolumeLookup {
  claim(key: string): Readonly<PersistentVolumeClaim> | undefined;
  volume(name: string): Readonly<PersistentVolume> | undefined;
  volumes(): readonly Readonly<PersistentVolume>[];
  storageClass(name: string): Readonly<StorageClass> | undefined;
  /** What the CSI drivers of a node say of themselves. */
  csiNode(name: string): Readonly<CSINode> | undefined;
}

/** Knows of no volumes: for snapshots that are about other things. */
export const noVolumes: VolumeLookup = {
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
  csiNode: () => undefined,
};

export interface ClaimReference {
  readonly name: string;
  /** Made for this pod by the ephemeral volume controller. */
  readonly isEphemeral: boolean;
}

/** The claims that a pod's volumes name. */
export function claimsOf(pod: Readonly<Pod>): ClaimReference[] {
  return (pod.spec.volumes ?? []).flatMap((volume): ClaimReference[] => {
    if (volume.persistentVolumeClaim) return [{ name: volume.persistentVolumeClaim.claimName, isEphemeral: false }];
    return volume.ephemeral ? [{ name: `${pod.metadata.name}-${volume.name}`, isEphemeral: true }] : [];
  });
}

/** Whether a claim has its volume, and both sides know it. */
export function isBound(claim: Readonly<PersistentVolumeClaim>): boolean {
  return !!claim.spec?.volumeName && claim.metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;
}

/** Whether a volume's node affinity lets it be used on a node. */
export function isReachable(volume: Readonly<PersistentVolume>, node: NodeInfo): boolean {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms;
  return !terms || terms.some((term) => compileNodeTerm(term)(node.labels, node.name));
}

/** The smallest present volume that would satisfy an unbound claim on a node. */
export function findVolume(
  claim: Readonly<PersistentVolumeClaim>,
  node: NodeInfo,
  lookup: VolumeLookup,
): Readonly<PersistentVolume> | undefined {
  const fitting = lookup
    .volumes()
    .filter((volume) => satisfies(volume, claim) && isReachable(volume, node) && !wrongZone(volume, node));
  return fitting.sort((a, b) => compareQuantities(capacityOf(a), capacityOf(b)))[0];
}

/** Whether a class makes volumes, and may make one for a node. */
export function canProvision(storageClass: Readonly<StorageClass> | undefined, node: NodeInfo): boolean {
  if (!storageClass || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false;
  const topologies = storageClass.allowedTopologies ?? [];
  return (
    topologies.length === 0 ||
    topologies.some(({ matchLabelExpressions }) =>
      (matchLabelExpressions ?? []).every(({ key, values }) => values.includes(node.labels[key] ?? '')),
    )
  );
}

function satisfies(volume: Readonly<PersistentVolume>, claim: Readonly<PersistentVolumeClaim>): boolean {
  const { spec, metadata } = volume;
  if (metadata.deletionTimestamp !== undefined) return false;
  const ref = spec?.claimRef;
  const isKept = ref?.namespace === claim.metadata.namespace && ref?.name === claim.metadata.name;
  if (ref && !(isKept && (!ref.uid || ref.uid === claim.metadata.uid))) return false;
  if ((spec?.storageClassName ?? '') !== (claim.spec?.storageClassName ?? '')) return false;
  if ((spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false;
  if (!(claim.spec?.accessModes ?? []).every((mode) => spec?.accessModes?.includes(mode))) return false;
  if (claim.spec?.selector && !matchesLabelSelector(claim.spec.selector, metadata.labels ?? {})) return false;
  return compareQuantities(capacityOf(volume), claim.spec?.resources?.requests?.['storage'] ?? '0') >= 0;
}

function capacityOf(volume: Readonly<PersistentVolume>): string | number {
  return volume.spec?.capacity?.['storage'] ?? '0';
}
