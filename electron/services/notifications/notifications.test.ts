import { describe, expect, it } from 'vitest';
import type { EtcdMember, NodeRow, RunSummary } from '../../../api/console/index.ts';
import type { ClusterHealth } from '../clusters/health.ts';
import { clusterCauses, runCauses, type Cause, type ClusterFacts, type KeptAlert } from './causes.ts';
import { flapMs, keepTold, markRead, settleMs, type Kept } from './keep.ts';

const member = (name: string, healthy: boolean): EtcdMember => ({ name, endpoint: '', healthy, leader: false });
const health = (more: Partial<ClusterHealth> = {}): ClusterHealth => ({
  reachable: true,
  ready: true,
  failing: [],
  store: 'etcd',
  etcdMembers: [],
  version: 'v1.36.0',
  ...more,
});
const facts = (more: Partial<ClusterFacts> = {}): ClusterFacts => ({
  id: 'bay',
  name: 'Bay',
  health: health(),
  nodes: [],
  alerts: [],
  signingRequests: [],
  ...more,
});
const node = (name: string, state: NodeRow['state']): NodeRow => ({ name, state }) as NodeRow;
const kinds = (causes: readonly Cause[] | undefined): string[] | undefined => causes?.map(({ kind }) => kind);

describe('what needs a person', () => {
  it('is told of the quorum, lost machines, and certificates that wait for approval, each with its page', () => {
    const causes = clusterCauses(
      facts({
        health: health({ etcdMembers: [member('a', true), member('b', true), member('c', false)] }),
        nodes: [node('m1', 'ready'), node('m2', 'notReady')],
        signingRequests: ['csr-1'],
      }),
    );
    expect(causes?.map(({ kind, path }) => [kind, path])).toEqual([
      ['quorum-at-risk', '/clusters/bay/upkeep?tab=quorum'],
      ['machine-lost', '/clusters/bay/nodes/m2'],
      ['signing-request', '/clusters/bay/objects/certificates.k8s.io/v1/CertificateSigningRequest/-/csr-1'],
    ]);
    expect(causes?.[0]?.message.en).toBe('etcd works with 2 of 3 members; c is lost');
  });

  it('is one thing when console and masters both see it', () => {
    const alerts: KeptAlert[] = [
      { kind: 'machine-lost', subject: 'm2', values: { machine: 'm2', reason: 'silent' } },
      { kind: 'backup-not-proved', subject: '', values: { last: 'yesterday' } },
    ];
    expect(kinds(clusterCauses(facts({ alerts, nodes: [node('m2', 'notReady')] })))).toEqual([
      'machine-lost',
      'backup-not-proved',
    ]);
  });

  it('says that a cluster went away, not that one never answered', () => {
    expect(kinds(clusterCauses(facts({ health: health({ reachable: false }) })))).toEqual(['cluster-unreachable']);
    expect(clusterCauses(facts({ health: health({ reachable: false, version: undefined }) }))).toBeUndefined();
  });

  it('names the newest failed run of its kind, and an upgrade that waits', () => {
    const run = (id: string, startedAt: number, more: Partial<RunSummary>): RunSummary =>
      ({ id, cluster: 'bay', kind: 'drain', startedAt, state: 'done', ...more }) as RunSummary;
    const text = { en: 'Paused', 'zh-CN': '已暂停' };
    const runs = [
      run('2', 2, {}),
      run('1', 1, { state: 'failed' }),
      run('3', 3, { kind: 'backup', state: 'failed' }),
      run('4', 4, { kind: 'upgrade', message: text }),
    ];
    expect(runCauses(runs, (id) => id).map(({ id, kind, path }) => [id, kind, path])).toEqual([
      ['run 3', 'run-failed', '/build/runs/3'],
      ['run 4', 'upgrade-paused', '/build/runs/4'],
    ]);
  });
});

describe('what is told', () => {
  const cause: Cause = {
    id: 'bay machine-lost m2',
    kind: 'machine-lost',
    tone: 'bad',
    cluster: 'Bay',
    message: { en: 'lost', 'zh-CN': '丢失' },
    path: '/',
  };
  const empty: Kept = { told: [], settling: new Map() };
  const known = (): boolean => false;
  const told = keepTold(keepTold(empty, [cause], known, 0), [cause], known, settleMs);

  it('has held for a moment, and is told once', () => {
    expect(keepTold(empty, [cause], known, 0).told).toEqual([]);
    expect(told.told).toMatchObject([{ id: cause.id, since: 0, isRead: false }]);
    expect(keepTold(told, [cause], known, settleMs * 2).told).toEqual(told.told);
    const mended = keepTold(keepTold(empty, [cause], known, 0), [], known, settleMs);
    expect(mended).toEqual(empty);
  });

  it('stays the same thing when it comes back soon, read or not, and is new when it comes back later', () => {
    const read: Kept = { ...told, told: markRead(told.told, [cause.id]) };
    const over = keepTold(read, [], known, 20_000);
    expect(over.told).toMatchObject([{ overAt: 20_000, isRead: true }]);
    expect(keepTold(over, [cause], known, 30_000).told).toEqual(read.told);
    const later = 20_000 + flapMs;
    const again = keepTold(keepTold(over, [cause], known, later), [cause], known, later + settleMs);
    expect(again.told).toMatchObject([{ since: later, isRead: false }]);
  });

  it('is not over while nothing can be said of it', () => {
    expect(keepTold(told, [], () => true, 20_000).told).toEqual(told.told);
  });
});
