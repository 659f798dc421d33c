// What a person should hear of wherever they are: a cluster that falls ill or is well again, and a run that ended while
// its page was not open. Pure.
import type { ClusterSummary, RunSummary } from '../../api/console/index.ts';

export type ClusterTurn = { readonly cluster: ClusterSummary; readonly to: 'ill' | 'well' };

const ill: ReadonlySet<ClusterSummary['state']> = new Set(['degraded', 'unreachable', 'unauthorized']);

/** Clusters whose health turned between two looks; one that is seen for the first time has not turned. */
export function clusterTurns(
  before: readonly ClusterSummary[] | undefined,
  now: readonly ClusterSummary[] | undefined,
): ClusterTurn[] {
  const known = new Map((before ?? []).map(({ id, state }) => [id, state]));
  return (now ?? []).flatMap((cluster): ClusterTurn[] => {
    const was = known.get(cluster.id);
    if (was === 'healthy' && ill.has(cluster.state)) return [{ cluster, to: 'ill' }];
    if (was !== undefined && ill.has(was) && cluster.state === 'healthy') return [{ cluster, to: 'well' }];
    return [];
  });
}

/** Runs that ended between two looks by themselves; who cancels one knows. */
export function endedRuns(
  before: readonly RunSummary[] | undefined,
  now: readonly RunSummary[] | undefined,
): RunSummary[] {
  const running = new Set((before ?? []).filter(({ state }) => state === 'running').map(({ id }) => id));
  return (now ?? []).filter(({ id, state }) => running.has(id) && (state === 'done' || state === 'failed'));
}
