// Pods of a Deployment by the revision they run. A pod's name starts with its ReplicaSet's.
import type { DeploymentDetail, PodRow } from '../../../api/console/index.ts';

export interface RevisionGroup {
  readonly revision: number;
  readonly current: boolean;
  readonly pods: readonly PodRow[];
}

/** The groups that have pods, newest first; the current revision is there even when it has none yet. */
export function revisionGroups(deployment: DeploymentDetail, pods: readonly PodRow[]): RevisionGroup[] {
  return deployment.revisions
    .map(({ revision, current, replicaSet }) => ({
      revision,
      current,
      pods: pods
        .filter(({ name }) => name.startsWith(`${replicaSet}-`))
        .sort((left, right) => left.createdAt - right.createdAt || (left.name < right.name ? -1 : 1)),
    }))
    .filter((group) => group.current || group.pods.length > 0);
}
