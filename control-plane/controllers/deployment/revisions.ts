// Revisions of a Deployment: each ReplicaSet carries the number of the rollout that last made it the new one, so that
// `kubectl rollout history` and `undo` find their way. Pure.
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { controllerRefOf, hashOf, isSameTemplate, podTemplateHashLabel } from '../pod-template.ts';
import { byCreation, limitsOf, replicasOf } from './rolling.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';
const longestHistory = 2000;

/** Annotations of the Deployment that its ReplicaSets do not inherit. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

/** The revision that a Deployment or a ReplicaSet carries, a 64-bit number; 0 when it carries none. */
export function revisionOf(object: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}): bigint {
  return readRevision(object.metadata.annotations?.[revisionAnnotation]);
}

function readRevision(text: string | undefined): bigint {
  return text !== undefined && /^\d{1,19}$/.test(text) ? BigInt(text) : 0n;
}

/** The earlier revision first. */
export function byRevision(a: Readonly<ReplicaSet>, b: Readonly<ReplicaSet>): number {
  const difference = revisionOf(a) - revisionOf(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The ReplicaSet whose template is the Deployment's; the oldest, should there be several. */
export function findNewSet(
  deployment: Readonly<Deployment>,
  sets: readonly Readonly<ReplicaSet>[],
): Readonly<ReplicaSet> | undefined {
  return [...sets]
    .sort(byCreation)
    .find((set) => set.spec.template && isSameTemplate(set.spec.template, deployment.spec.template));
}

/** The number that the new ReplicaSet should carry. */
export function nextRevision(oldSets: readonly Readonly<ReplicaSet>[]): bigint {
  return oldSets.map(revisionOf).reduce((highest, one) => (one > highest ? one : highest), 0n) + 1n;
}

/** The annotations of a new ReplicaSet: the Deployment's (its change cause among them), the revision, and its past ones. */
export function newSetAnnotations(
  deployment: Readonly<Deployment>,
  known: Readonly<Record<string, string>>,
  revision: bigint,
): Record<string, string> {
  const annotations = { ...known };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!notCopied.has(key)) annotations[key] = value;
  }
  const before = known[revisionAnnotation];
  if (revision > readRevision(before)) {
    annotations[revisionAnnotation] = String(revision);
    if (before) {
      const history = [...(known[historyAnnotation]?.split(',') ?? []), before];
      while (history.join(',').length > longestHistory) history.shift();
      annotations[historyAnnotation] = history.join(',');
    }
  }
  return annotations;
}

/** The annotations by which a later scaling knows what a set's size was a part of. */
export function sizeAnnotations(deployment: Readonly<Deployment>): Record<string, string> {
  const wanted = replicasOf(deployment);
  return { [desiredAnnotation]: String(wanted), [maxAnnotation]: String(wanted + limitsOf(deployment).maxSurge) };
}

/** The ReplicaSet that a rollout of the present template starts with. */
export function newSetOf(deployment: Readonly<Deployment>, revision: bigint, replicas: number): Draft<ReplicaSet> {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = hashOf(template, deployment.status?.collisionCount ?? 0);
  const labels = { ...template.metadata?.labels, [podTemplateHashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: { ...newSetAnnotations(deployment, {}, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerRefOf(deployment)],
    },
    spec: {
      replicas,
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [podTemplateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
