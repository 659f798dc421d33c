import { describe, expect, it } from 'vitest';
import type { ClusterState, ClusterSummary, RunState, RunSummary } from '../../api/console/index.ts';
import { clusterTurns, endedRuns } from './attention.ts';

const cluster = (state: ClusterState): ClusterSummary[] => [{ id: 'a', name: 'a', state } as ClusterSummary];
const run = (id: string, state: RunState): RunSummary => ({ id, state }) as RunSummary;

describe('what a person hears of', () => {
  it.each([
    ['healthy', 'degraded', 'ill'],
    ['healthy', 'unreachable', 'ill'],
    ['unreachable', 'healthy', 'well'],
    ['degraded', 'unreachable', undefined],
    ['checking', 'degraded', undefined],
    ['healthy', 'healthy', undefined],
  ] as const)('a cluster from %s to %s', (from, to, said) => {
    expect(clusterTurns(cluster(from), cluster(to))[0]?.to).toBe(said);
  });

  it('nothing of a cluster that is seen for the first time', () => {
    expect(clusterTurns(undefined, cluster('unreachable'))).toEqual([]);
  });

  it('runs that ended by themselves, once', () => {
    const before = [run('1', 'running'), run('2', 'running'), run('3', 'done')];
    const now = [run('1', 'done'), run('2', 'cancelled'), run('3', 'done'), run('4', 'failed')];
    expect(endedRuns(before, now).map(({ id }) => id)).toEqual(['1']);
    expect(endedRuns(now, now)).toEqual([]);
  });
});
