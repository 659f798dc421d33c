// ReplicaSets, and ReplicationControllers, which are the same with an older selector.
import type { ControllerContext } from '../context.ts';
import { replicaSets } from '../../../api/kinds/apps/index.ts';
import { replicationControllers } from '../../../api/kinds/core/index.ts';
import { runReplicaKeeper } from './keeper.ts';

/** Runs until the context's signal aborts. */
export function runReplicaSetController(context: ControllerContext): Promise<void> {
  return runReplicaKeeper(context, {
    resource: replicaSets,
    component: 'replicaset-controller',
    selectorOf: ({ spec }) => spec.selector,
    statusOf: (counts) => counts,
  });
}

/** Runs until the context's signal aborts. */
export function runReplicationControllerController(context: ControllerContext): Promise<void> {
  return runReplicaKeeper(context, {
    resource: replicationControllers,
    component: 'replication-controller',
    selectorOf: ({ spec }) => (spec.selector ? { matchLabels: spec.selector } : undefined),
    statusOf: ({ terminatingReplicas: _terminating, ...counts }) => counts,
  });
}
