// The fixed identities of a StatefulSet: names by ordinal, hostnames, claims. Pure.
import type { StatefulSet } from '../../../api/kinds/apps/index.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../../api/kinds/core/index.ts';
import type { Draft, OwnerReference } from '../../../api/meta/object-meta.ts';
import { controllerRefOf, podFromTemplate } from '../pod-template.ts';
import { revisionHashLabel } from '../revision-history.ts';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

export function firstOrdinal(set: Readonly<StatefulSet>): number {
  return set.spec.ordinals?.start ?? 0;
}

/** The ordinals that the set should have, in order. */
export function ordinalsOf(set: Readonly<StatefulSet>): number[] {
  return Array.from({ length: set.spec.replicas ?? 1 }, (_, i) => firstOrdinal(set) + i);
}

/** The ordinal of a pod of the set, or -1 when its name is none of the set's. */
export function ordinalOf(set: Readonly<StatefulSet>, pod: { readonly metadata: { readonly name: string } }): number {
  const prefix = `${set.metadata.name}-`;
  const { name } = pod.metadata;
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^\d+$/.test(rest) ? Number(rest) : -1;
}

export function podNameOf(set: Readonly<StatefulSet>, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The pod of an ordinal, by the template of a revision. */
export function statefulPod(
  set: Readonly<StatefulSet>,
  ordinal: number,
  template: Readonly<PodTemplateSpec>,
  revisionName: string,
): Draft<Pod> {
  const name = podNameOf(set, ordinal);
  const pod = podFromTemplate(template, set);
  const claims: Volume[] = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimNameOf(set, metadata.name ?? '', ordinal) },
  }));
  const own = (pod.spec.volumes ?? []).filter(({ name: volume }) => !claims.some((claim) => claim.name === volume));
  const volumes = [...claims, ...own];
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: undefined,
      name,
      labels: {
        ...pod.metadata.labels,
        [podNameLabel]: name,
        [podIndexLabel]: String(ordinal),
        [revisionHashLabel]: revisionName,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      subdomain: set.spec.serviceName || undefined,
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

export function claimNameOf(set: Readonly<StatefulSet>, template: string, ordinal: number): string {
  return `${template}-${podNameOf(set, ordinal)}`;
}

/** The claims of an ordinal, owned as the retention policy asks. */
export function claimsOf(set: Readonly<StatefulSet>, ordinal: number): Draft<PersistentVolumeClaim>[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    ...template,
    metadata: {
      ...template.metadata,
      name: claimNameOf(set, template.metadata.name ?? '', ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
  }));
}

/**
 * Who should own a claim, by the retention policy: the set when claims go with it; the pod when they go with scaling
 * down and the pod is one too many; nobody otherwise.
 */
export function claimOwners(
  set: Readonly<StatefulSet>,
  pod: Readonly<Pod> | undefined,
  isCondemned: boolean,
): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const byPod = whenScaled === 'Delete' && isCondemned && pod !== undefined;
  if (byPod) return [{ ...controllerRefOf(pod), controller: undefined, blockOwnerDeletion: undefined }];
  if (whenDeleted === 'Delete') return [{ ...controllerRefOf(set), blockOwnerDeletion: true }];
  return [];
}
