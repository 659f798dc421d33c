// A pod goes where its volumes can be: bound ones must be reachable, unbound ones must be there to bind or be made there.
import type { PersistentVolumeClaim } from '../../../api/kinds/core/index.ts';
import { canProvision, claimsOf, findVolume, isBound, isReachable } from '../snapshot/claims.ts';
import type { ClaimReference, VolumeLookup } from '../snapshot/claims.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Sentence } from '../sentences.ts';
import { constantRefusal, refuseEverywhere } from './filter.ts';
import type { Filter, Refusal } from './filter.ts';

const name = 'VolumeBinding';
const conflict = constantRefusal(name, "node(s) didn't match PersistentVolume's node affinity", false);
const volumeGone = constantRefusal(
  name,
  'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
  false,
);
const nothingToBind = constantRefusal(name, "node(s) didn't find available persistent volumes to bind", false);
const taken = constantRefusal(
  'VolumeRestrictions',
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
  true,
);

interface Judgement {
  readonly refusal: Refusal;
  readonly sentence: Sentence;
}

export const volumes: Filter = {
  name,
  prepare(pod, snapshot) {
    const references = claimsOf(pod.pod);
    if (references.length === 0) return undefined;
    const claims: Readonly<PersistentVolumeClaim>[] = [];
    for (const reference of references) {
      const claim = snapshot.volumes.claim(`${pod.namespace}/${reference.name}`);
      const reason = whyNowhere(reference, claim, snapshot.volumes);
      if (reason !== undefined || !claim) {
        const values = { claim: reference.name, reason: reason ?? '' };
        return refuseEverywhere(name, values.reason, { key: 'claimNotReady', values });
      }
      claims.push(claim);
    }
    const user = exclusiveUser(pod, claims, snapshot);
    const judge = (node: NodeInfo): Judgement | undefined => {
      if (user) return { refusal: taken, sentence: { key: 'claimTaken', values: user } };
      for (const claim of claims) {
        const judgement = judgeClaim(claim, node, snapshot.volumes);
        if (judgement) return judgement;
      }
      return undefined;
    };
    return {
      check: (node) => judge(node)?.refusal,
      explain: (node) => [judge(node)?.sentence].filter((sentence) => sentence !== undefined),
    };
  },
};

/** What keeps a pod from every node: a claim that is missing, leaving, or waits for its volume by itself. */
function whyNowhere(
  { name: claimName, isEphemeral }: ClaimReference,
  claim: Readonly<PersistentVolumeClaim> | undefined,
  lookup: VolumeLookup,
): string | undefined {
  if (!claim) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${claimName}"`
      : `persistentvolumeclaim "${claimName}" not found`;
  }
  if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${claimName}" is being deleted`;
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${claimName}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  const storageClass = lookup.storageClass(claim.spec?.storageClassName ?? '');
  if (!isBound(claim) && storageClass?.volumeBindingMode !== 'WaitForFirstConsumer') {
    return 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}

function judgeClaim(
  claim: Readonly<PersistentVolumeClaim>,
  node: NodeInfo,
  lookup: VolumeLookup,
): Judgement | undefined {
  const values = { node: node.name, claim: claim.metadata.name };
  if (isBound(claim)) {
    const volume = lookup.volume(claim.spec?.volumeName ?? '');
    if (!volume) return { refusal: volumeGone, sentence: { key: 'volumeGone', values } };
    return isReachable(volume, node) ? undefined : { refusal: conflict, sentence: { key: 'volumeElsewhere', values } };
  }
  if (findVolume(claim, node, lookup)) return undefined;
  if (canProvision(lookup.storageClass(claim.spec?.storageClassName ?? ''), node)) return undefined;
  return { refusal: nothingToBind, sentence: { key: 'noVolume', values } };
}

/** The other pod that uses a claim which only one pod may use. */
function exclusiveUser(
  pod: PodInfo,
  claims: readonly Readonly<PersistentVolumeClaim>[],
  snapshot: Snapshot,
): { claim: string; pod: string } | undefined {
  const exclusive = claims.filter(({ spec }) => spec?.accessModes?.includes('ReadWriteOncePod'));
  if (exclusive.length === 0) return undefined;
  for (const node of snapshot.nodes) {
    for (const other of node.pods.values()) {
      if (other.namespace !== pod.namespace || other.key === pod.key) continue;
      const names = claimsOf(other.pod).map((reference) => reference.name);
      const shared = exclusive.find(({ metadata }) => names.includes(metadata.name));
      if (shared) return { claim: shared.metadata.name, pod: other.key };
    }
  }
  return undefined;
}
