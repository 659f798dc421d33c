import { describe, expect, it } from 'vitest';
import type { DeploymentRow, EtcdMember, EventRow, NodeRow, PodRow, PodState } from '../../../api/console/index.ts';
import type { ClusterHealth } from '../clusters/health.ts';
import { overviewOf, type OverviewFacts } from './overview.ts';

const nowMs = 1_000_000;
const health: ClusterHealth = {
  reachable: true,
  ready: true,
  failing: [],
  store: 'etcd',
  etcdMembers: [],
  latencyMs: 3,
};
const pod = (name: string, state: PodState, createdAt = 0, part: Partial<PodRow> = {}): PodRow =>
  ({ uid: name, namespace: 'default', name, state, reason: state, createdAt, node: 'a', ...part }) as PodRow;
const node = (name: string, part: Partial<NodeRow> = {}): NodeRow =>
  ({ uid: name, name, state: 'ready', pressures: [], cordoned: false, cpuMilli: 1000, ...part }) as unknown as NodeRow;
const member = (name: string, healthy: boolean): EtcdMember => ({ name, endpoint: '', healthy, leader: false });
const overview = (part: Partial<OverviewFacts>): ReturnType<typeof overviewOf> =>
  overviewOf({ health, nodes: [], pods: [], deployments: [], events: [], nowMs, ...part });

describe('the overview', () => {
  it('puts what hurts most first and joins pods of one workload', () => {
    const owner = { kind: 'Deployment', name: 'web' };
    const pods = ['w1', 'w2', 'w3'].map((name) => pod(name, 'failed', 0, { owner, reason: 'CrashLoopBackOff' }));
    const deployments = [
      { uid: 'd', namespace: 'default', name: 'api', state: 'degraded', ready: 1, desired: 2 } as DeploymentRow,
    ];
    const { problems } = overview({ nodes: [node('b', { state: 'unknown', message: 'silent' })], pods, deployments });
    expect(problems.map(({ kind, tone, count }) => [kind, tone, count])).toEqual([
      ['podFailing', 'bad', 3],
      ['nodeNotReady', 'bad', 1],
      ['deploymentDegraded', 'warn', 1],
    ]);
  });

  it('explains pods once for their workload and takes the evidence from their events where their status is silent', () => {
    const owner = { kind: 'Deployment', name: 'web' };
    const diagnosis = { cause: 'stuckStarting' as const, facts: { machine: 'a' }, evidence: '' };
    const pods = [pod('w1', 'starting', 0, { owner, diagnosis }), pod('w2', 'starting', 0, { owner, diagnosis })];
    const warning = { type: 'Warning', object: { kind: 'Pod', namespace: 'default', name: 'w1' } };
    const events = [
      { ...warning, message: 'older', lastAt: 1 },
      { ...warning, message: 'MountVolume.SetUp failed for volume "data"', lastAt: 2 },
      { ...warning, type: 'Normal', message: 'Scheduled', lastAt: 3 },
    ] as unknown as EventRow[];
    const deployments = [
      { uid: 'd', namespace: 'default', name: 'web', state: 'degraded', ready: 0, desired: 2 } as DeploymentRow,
    ];
    const { problems } = overview({ pods, events, deployments });
    expect(problems).toMatchObject([
      {
        kind: 'podPending',
        count: 2,
        workload: owner,
        diagnosis: { cause: 'stuckStarting', evidence: 'MountVolume.SetUp failed for volume "data"' },
      },
    ]);
  });

  it('gives pods a minute to start', () => {
    const pods = [pod('new', 'pending', nowMs - 59_000), pod('old', 'pending', nowMs - 61_000)];
    expect(overview({ pods }).problems.map(({ object }) => object.name)).toEqual(['old']);
  });

  it('tells at once what the scheduler says of a pod that fits nowhere', () => {
    const message = '0/3 nodes are available: 3 Insufficient cpu.';
    const [problem] = overview({ pods: [pod('big', 'pending', nowMs - 1000, { message })] }).problems;
    expect(problem).toMatchObject({ kind: 'podPending', detail: message });
  });

  it.each([
    [[true, true, true], 'good'],
    [[true, true, false], 'warn'],
    [[true, false, false], 'bad'],
  ])('with etcd members %j says %s', (states, tone) => {
    const etcdMembers = states.map((healthy, index) => member(`m${index}`, healthy));
    const { components } = overview({ health: { ...health, etcdMembers } });
    expect(components.find(({ id }) => id === 'etcd')?.tone).toBe(tone);
  });

  it('misses a leader that stopped renewing', () => {
    const late = { holder: 'm1_x', renewedAt: nowMs - 60_000, leaseSeconds: 15 };
    const fresh = { holder: 'm1_x', renewedAt: nowMs - 2000, leaseSeconds: 15 };
    const { components } = overview({ health: { ...health, scheduler: late, controllers: fresh } });
    expect(components.map(({ id, tone }) => [id, tone])).toContainEqual(['scheduler', 'bad']);
    expect(components.map(({ id, tone }) => [id, tone])).toContainEqual(['controllers', 'good']);
  });

  it('counts only what takes room', () => {
    const pods = [
      pod('r', 'running'),
      pod('s', 'succeeded', 0, { over: true }),
      pod('p', 'pending', nowMs, { node: undefined }),
    ];
    expect(overview({ pods })).toMatchObject({
      capacity: { pods: 1 },
      pods: { total: 3, running: 1, waiting: 1, done: 1 },
    });
  });
});
