// Deployments as rows and pages: what is wanted, what is there, and the revisions kept in their ReplicaSets.
import type { DeploymentDetail, DeploymentRow, DeploymentState, RevisionView } from '../../../api/console/index.ts';
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { environmentOf } from './environment.ts';
import { conditionsOf, timeOf } from './read.ts';

const revisionKey = 'deployment.kubernetes.io/revision';
const causeKey = 'kubernetes.io/change-cause';

/** The revision that a Deployment or ReplicaSet carries; 0 when the controller has not numbered it yet. */
export function revisionOf(object: { metadata: { annotations?: Record<string, string> } }): number {
  return Number(object.metadata.annotations?.[revisionKey] ?? 0) || 0;
}

function stateOf(deployment: Deployment): DeploymentState {
  const { spec, status, metadata } = deployment;
  const desired = spec.replicas ?? 1;
  const available = status?.availableReplicas ?? 0;
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  const observed = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const settled = observed && (status?.updatedReplicas ?? 0) === desired && (status?.replicas ?? 0) === desired;
  if (progressing?.reason === 'ProgressDeadlineExceeded') return 'failed';
  if (spec.paused) return 'paused';
  if (settled && available >= desired) return desired === 0 ? 'scaledDown' : 'available';
  if (settled && progressing?.reason === 'NewReplicaSetAvailable') return 'degraded';
  return 'progressing';
}

/** The row of a Deployment. */
export function deploymentRow(deployment: Deployment): DeploymentRow {
  const { metadata, spec, status } = deployment;
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    state: stateOf(deployment),
    desired: spec.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    updated: status?.updatedReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    images: (spec.template.spec?.containers ?? []).map(({ image }) => image ?? ''),
    revision: revisionOf(deployment),
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
  };
}

/** The ReplicaSets that a Deployment controls, newest revision first. */
export function ownReplicaSets(deployment: Deployment, replicaSets: readonly Readonly<ReplicaSet>[]): ReplicaSet[] {
  return replicaSets
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid)
    .sort((left, right) => revisionOf(right) - revisionOf(left));
}

function revisionView(set: ReplicaSet, current: number): RevisionView {
  return {
    revision: revisionOf(set),
    replicaSet: set.metadata.name,
    current: revisionOf(set) === current,
    images: (set.spec.template?.spec?.containers ?? []).map(({ image }) => image ?? ''),
    cause: set.metadata.annotations?.[causeKey],
    replicas: set.status?.replicas ?? 0,
    ready: set.status?.readyReplicas ?? 0,
    createdAt: timeOf(set.metadata.creationTimestamp) ?? 0,
  };
}

/** Everything a Deployment's page shows. */
export function deploymentDetail(
  deployment: Deployment,
  replicaSets: readonly Readonly<ReplicaSet>[],
): DeploymentDetail {
  const { metadata, spec, status } = deployment;
  const text = (value: string | number | undefined): string | undefined =>
    value === undefined ? undefined : String(value);
  const row = deploymentRow(deployment);
  return {
    row,
    paused: spec.paused ?? false,
    scheduler: spec.template.spec?.schedulerName ?? 'default-scheduler',
    strategy: spec.strategy?.type ?? 'RollingUpdate',
    maxSurge: text(spec.strategy?.rollingUpdate?.maxSurge),
    maxUnavailable: text(spec.strategy?.rollingUpdate?.maxUnavailable),
    progressDeadlineSeconds: spec.progressDeadlineSeconds,
    labels: metadata.labels ?? {},
    selector: spec.selector.matchLabels ?? {},
    containers: (spec.template.spec?.containers ?? []).map(({ name, image, env }) => ({
      name,
      image: image ?? '',
      variables: (env ?? []).map(environmentOf),
    })),
    conditions: conditionsOf(status?.conditions),
    revisions: ownReplicaSets(deployment, replicaSets).map((set) => revisionView(set, row.revision)),
    observed: (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0),
  };
}
