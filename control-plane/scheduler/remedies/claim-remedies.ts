// Remedies for volume claims and resource claims that are not there, not bound, or bound to something elsewhere.
import type { PersistentVolume } from '../../../api/kinds/core/index.ts';
import type { SentenceKey } from '../sentences.data.ts';
import { claimsOf, isBound } from '../snapshot/claims.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { podClaimsOf } from '../dynamic-resources/pod-claims.ts';
import type { Candidate, RemedyKind } from './remedy.ts';
import { administrativeCost } from './remedy.ts';
import { movablePods } from './resource-remedies.ts';

/** A new volume for a claim that waits for one, on a node. */
export function* newVolume(node: NodeInfo, pod: PodInfo, claimName: string, snapshot: Snapshot): Iterable<Candidate> {
  if (!claimsOf(pod.pod).some(({ name }) => name === claimName)) return;
  const claim = snapshot.volumes.claim(`${pod.namespace}/${claimName}`);
  const storage = String(claim?.spec?.resources?.requests?.['storage'] ?? '1Gi');
  const { storageClassName, accessModes, volumeMode } = claim?.spec ?? {};
  const values = [node.labels['kubernetes.io/hostname'] ?? node.name];
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `for-${claimName}`, labels: { ...claim?.spec?.selector?.matchLabels } },
    spec: {
      capacity: { storage },
      storageClassName,
      accessModes,
      volumeMode,
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] }],
        },
      },
    },
  } as unknown as PersistentVolume;
  yield {
    kind: 'make-volume',
    node: node.name,
    cost: 3 * administrativeCost,
    sentence: {
      key: 'remedyVolume',
      values: { node: node.name, claim: claimName, storage, class: storageClassName ?? '' },
    },
    change: { type: 'volume-made', volume },
  };
}

/** A claim that keeps the pod from every node: it is made anew, or gets the volume that it waits for. */
export function* newClaim(node: NodeInfo, pod: PodInfo, claimName: string, snapshot: Snapshot): Iterable<Candidate> {
  const key = `${pod.namespace}/${claimName}`;
  // What the ephemeral volume controller is about to make is not for anybody else to make.
  if (claimsOf(pod.pod).find(({ name }) => name === claimName)?.isEphemeral !== false) return;
  const claim = snapshot.volumes.claim(key);
  const isWaiting =
    claim !== undefined &&
    claim.metadata.deletionTimestamp === undefined &&
    claim.status?.phase !== 'Lost' &&
    !isBound(claim);
  const storage = String(claim?.spec?.resources?.requests?.['storage'] ?? '1Gi');
  const values = { node: node.name, claim: claimName, storage, class: claim?.spec?.storageClassName ?? '' };
  yield {
    kind: isWaiting ? 'make-volume' : 'make-claim',
    node: node.name,
    cost: (isWaiting ? 3 : 4) * administrativeCost,
    sentence: { key: isWaiting ? 'remedyBound' : 'remedyClaim', values },
    change: { type: 'claim-bound', claim: key, node: node.name },
  };
}

/** A claim whose volume is elsewhere, made anew: where its class makes volumes, or one waits, on the node. */
export function* claimAgain(node: NodeInfo, pod: PodInfo, claimName: string): Iterable<Candidate> {
  yield {
    kind: 'make-claim',
    node: node.name,
    cost: 8 * administrativeCost,
    sentence: { key: 'remedyClaimAgain', values: { node: node.name, claim: claimName } },
    change: { type: 'claim-unbound', claim: `${pod.namespace}/${claimName}` },
  };
}

/** Claims whose devices a node's free ones are missing: each of them alone. */
export function* releasedDevices(node: NodeInfo, snapshot: Snapshot): Iterable<Candidate> {
  const claims = new Set(
    movablePods(node).flatMap((other) =>
      podClaimsOf(other.pod).flatMap(({ claimName }) => (claimName ? [`${other.namespace}/${claimName}`] : [])),
    ),
  );
  for (const claim of [...claims].sort().slice(0, 5)) {
    if (snapshot.devices.claim(claim)?.status?.allocation) yield released(node, claim);
  }
}

/** The pod's own claim, allocated elsewhere or used by as many as may: free to be allocated anew. */
export function* releasedClaim(node: NodeInfo, pod: PodInfo, claimName: string): Iterable<Candidate> {
  yield released(node, `${pod.namespace}/${claimName}`);
}

function released(node: NodeInfo, claim: string): Candidate {
  return {
    kind: 'release-devices',
    node: node.name,
    cost: 3 * administrativeCost,
    sentence: { key: 'remedyRelease', values: { claim } },
    change: { type: 'devices-released', claims: [claim] },
  };
}

/** What a resource claim lacks altogether: itself, its class, or an end of its use. */
export function* mendedClaim(
  node: NodeInfo,
  pod: PodInfo,
  claimName: string,
  deviceClass: string,
  snapshot: Snapshot,
): Iterable<Candidate> {
  const one = (
    kind: RemedyKind,
    key: SentenceKey,
    cost: number,
    change: Candidate['change'],
    values: Readonly<Record<string, string>>,
  ): Candidate => ({
    kind,
    node: node.name,
    cost: cost * administrativeCost,
    sentence: { key, values: { node: node.name, ...values } },
    change,
  });
  const key = `${pod.namespace}/${claimName}`;
  const claim = snapshot.devices.claim(key);
  if (deviceClass !== '')
    yield one(
      'make-device-class',
      'remedyDeviceClass',
      2,
      { type: 'device-class-made', name: deviceClass },
      {
        class: deviceClass,
      },
    );
  else if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) {
    const isByName = podClaimsOf(pod.pod).some((use) => use.claimName === claimName && use.templateName === undefined);
    if (isByName)
      yield one(
        'make-device-claim',
        'remedyDeviceClaim',
        4,
        { type: 'device-claim-made', claim: key },
        {
          claim: claimName,
        },
      );
  } else if (claim.status?.allocation) yield* releasedClaim(node, pod, claimName);
}
