// Rolling back as `kubectl rollout undo` does it: the pod template of a revision's ReplicaSet becomes the Deployment's,
// without the hash label, and the revision's annotations come back (kubectl pkg/polymorphichelpers/rollback.go). Pure.
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { PodTemplateSpec } from '../../../api/kinds/core/index.ts';
import { ownReplicaSets, revisionOf } from '../projections/deployment.ts';
import { ServiceError } from '../errors.ts';

const hashLabel = 'pod-template-hash';
const keptOnDeployment = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
];

/** The pod template of a ReplicaSet as its Deployment had it. */
export function templateOf(set: ReplicaSet): PodTemplateSpec {
  const template = structuredClone(set.spec.template);
  if (template === undefined) throw new ServiceError('Invalid', `ReplicaSet ${set.metadata.name} has no pod template.`);
  if (template.metadata?.labels) delete template.metadata.labels[hashLabel];
  return template;
}

/** The ReplicaSet that holds a revision, or a ServiceError that it is gone. */
export function findRevision(deployment: Deployment, sets: readonly ReplicaSet[], revision: number): ReplicaSet {
  const found = ownReplicaSets(deployment, sets).find((set) => revisionOf(set) === revision);
  if (found === undefined) {
    throw new ServiceError('NotFound', `Revision ${revision} of ${deployment.metadata.name} is no longer kept.`);
  }
  return found;
}

function annotationsAfter(deployment: Deployment, set: ReplicaSet): Record<string, string> {
  const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => keptOnDeployment.includes(key));
  const brought = Object.entries(set.metadata.annotations ?? {}).filter(([key]) => !keptOnDeployment.includes(key));
  return Object.fromEntries([...kept, ...brought]);
}

/** The JSON patch that rolls a Deployment back to a revision; it fails when the Deployment changed meanwhile. */
export function rollbackPatch(deployment: Deployment, sets: readonly ReplicaSet[], revision: number): object[] {
  if (deployment.spec.paused) {
    throw new ServiceError('Conflict', 'A paused Deployment cannot be rolled back.', {
      remedy: 'Resume the rollout first, then roll back.',
    });
  }
  const set = findRevision(deployment, sets, revision);
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: deployment.metadata.resourceVersion },
    { op: 'replace', path: '/spec/template', value: templateOf(set) },
    { op: 'add', path: '/metadata/annotations', value: annotationsAfter(deployment, set) },
  ];
}
