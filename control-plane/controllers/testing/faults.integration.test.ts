// Bad input and faults on a real API server: whatever happens, controllers end where they should, and fall silent.
import { afterEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../../../api/kinds/apps/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { TestCluster } from './cluster.ts';
import { daemonSets, deployments, replicaSets, statefulSets } from '../../../api/kinds/apps/index.ts';
import { horizontalPodAutoscalers } from '../../../api/kinds/autoscaling/index.ts';
import { cronJobs, jobs } from '../../../api/kinds/batch/index.ts';
import { leases } from '../../../api/kinds/coordination/index.ts';
import { nodes, pods, resourceQuotas, services } from '../../../api/kinds/core/index.ts';
import { podDisruptionBudgets } from '../../../api/kinds/policy/index.ts';
import { controllerOf } from '../../../api/meta/object-meta.ts';
import { formatMicroTime, formatTime } from '../../../api/meta/time.ts';
import { systemClock } from '../../../machinery/clock.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
const beats = new Map<string, NodeJS.Timeout>();
afterEach(async () => {
  for (const beat of beats.values()) clearInterval(beat);
  beats.clear();
  await cluster.close();
});

const waiting = { timeoutMs: 20_000, intervalMs: 50 };
const template = (app: string, image = 'x') => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'main', image }] },
});
const deploymentOf = (name: string, replicas: number, app = name): Draft<Deployment> => ({
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app } }, template: template(app) },
});
const api = () => cluster.client.resource(deployments, 'default');
const podsNow = async () => (await cluster.client.resource(pods, 'default').list()).items;
const active = async () => (await podsNow()).filter(({ metadata }) => !metadata.deletionTimestamp);
const available = (name: string, replicas: number) =>
  waitFor(async () => (await api().get(name)).status?.availableReplicas === replicas, {
    ...waiting,
    what: `${replicas} of ${name}`,
  });

/** Waits until nobody has written for a while, then returns what is written within the given time. */
async function writesWithin(forMs: number): Promise<string[]> {
  await waitFor(
    async () => {
      const before = cluster.writes.length;
      await new Promise((resolve) => setTimeout(resolve, 800));
      return cluster.writes.length === before;
    },
    { ...waiting, what: 'quiet' },
  );
  const from = cluster.writes.length;
  await new Promise((resolve) => setTimeout(resolve, forMs));
  return cluster.writes.slice(from);
}

/** Renews a node's lease, as its agent does. */
async function startBeating(name: string): Promise<void> {
  const leaseApi = cluster.client.resource(leases, 'kube-node-lease');
  const spec = () => ({ holderIdentity: name, renewTime: formatMicroTime(Date.now()) });
  await leaseApi.create({ metadata: { name }, spec: spec() }).catch(() => undefined);
  const renew = (): void => void leaseApi.patch(name, { type: 'merge', body: { spec: spec() } }).catch(() => undefined);
  beats.set(name, setInterval(renew, 200));
}
function stopBeating(name: string): void {
  clearInterval(beats.get(name));
  beats.delete(name);
}
async function reportReady(name: string): Promise<void> {
  const ready = [{ type: 'Ready', status: 'True', lastHeartbeatTime: formatTime(Date.now()) }];
  await cluster.client
    .resource(nodes)
    .patch(name, { type: 'strategic', body: { status: { conditions: ready } } }, { subresource: 'status' });
}
const tolerating = (tolerationSeconds: number) =>
  ['unreachable', 'not-ready'].map((reason) => ({
    key: `node.kubernetes.io/${reason}`,
    operator: 'Exists' as const,
    effect: 'NoExecute' as const,
    tolerationSeconds,
  }));

describe('a steady cluster', () => {
  it('makes no writes but leases and heartbeats, with every kind of workload in it', async () => {
    cluster = await startCluster({
      endingOf: ({ metadata }) => (metadata.labels?.app === 'job' ? 'Succeeded' : undefined),
    });
    const { client } = cluster;
    const selector = (app: string) => ({ matchLabels: { app } });
    await api().create(deploymentOf('web', 3));
    await client.resource(statefulSets, 'default').create({
      metadata: { name: 'db' },
      spec: { replicas: 2, serviceName: 'db', selector: selector('db'), template: template('db') },
    });
    await client
      .resource(daemonSets, 'default')
      .create({ metadata: { name: 'logs' }, spec: { selector: selector('logs'), template: template('logs') } });
    const jobTemplate = template('job');
    const job = { template: { ...jobTemplate, spec: { ...jobTemplate.spec, restartPolicy: 'Never' as const } } };
    await client.resource(jobs, 'default').create({ metadata: { name: 'once' }, spec: job });
    await client
      .resource(cronJobs, 'default')
      .create({ metadata: { name: 'yearly' }, spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: job } } });
    await client.resource(services, 'default').create({
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    await client
      .resource(podDisruptionBudgets, 'default')
      .create({ metadata: { name: 'web' }, spec: { minAvailable: 1, selector: selector('web') } });
    await client.resource(horizontalPodAutoscalers, 'default').create({
      metadata: { name: 'web' },
      spec: {
        maxReplicas: 5,
        minReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    });
    await client
      .resource(resourceQuotas, 'default')
      .create({ metadata: { name: 'all' }, spec: { hard: { pods: '50', 'count/deployments.apps': '9' } } });
    await available('web', 3);
    await waitFor(async () => (await podsNow()).length === 3 + 2 + 2 + 1, { ...waiting, what: 'all pods' });
    expect(await writesWithin(6_000)).toEqual([]);
    await cluster.stopControllers();
    cluster.startControllers();
    expect(await writesWithin(2_000)).toEqual([]);
  }, 60_000);
});

describe('selectors', () => {
  it('that everything or nothing matches neither steal pods nor go on forever', async () => {
    cluster = await startCluster({ nodes: 1 });
    await api().create(deploymentOf('web', 2));
    await available('web', 2);
    const everything = { metadata: { name: 'all' }, spec: { replicas: 1, selector: {}, template: template('web') } };
    await expect(cluster.client.resource(replicaSets, 'default').create(everything)).rejects.toThrow('selector');
    const nothing = {
      ...deploymentOf('none', 1),
      spec: { ...deploymentOf('none', 1).spec, selector: { matchLabels: { app: 'other' } } },
    };
    await expect(api().create(nothing as Draft<Deployment>)).rejects.toThrow('selector');
    // A Service may select everything, and a budget nothing.
    await cluster.client
      .resource(podDisruptionBudgets, 'default')
      .create({ metadata: { name: 'none' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'nobody' } } } });
    expect(await writesWithin(1_500)).toEqual([]);
    expect(await active()).toHaveLength(2);
  }, 40_000);

  it('of two Deployments that claim the same pods leave each with its own', async () => {
    cluster = await startCluster();
    await api().create(deploymentOf('one', 3, 'shared'));
    await api().create(deploymentOf('two', 2, 'shared'));
    await Promise.all([available('one', 3), available('two', 2)]);
    // An orphan that both could take goes to exactly one of them, and the count stays right.
    const [some] = await active();
    await cluster.client
      .resource(pods, 'default')
      .create({ metadata: { name: 'orphan', labels: { ...some?.metadata.labels } }, spec: template('shared').spec });
    await writesWithin(0);
    const owners = (await active()).map((pod) => controllerOf(pod)?.uid);
    expect(owners).toHaveLength(5);
    expect(owners).not.toContain(undefined);
    expect(new Set(owners).size).toBe(2);
    expect(await writesWithin(1_500)).toEqual([]);
  }, 60_000);
});

describe('nodes', () => {
  it('that flap lose no pods and cause no evictions', async () => {
    cluster = await startCluster({ nodes: 2, settings: { nodeMonitorGraceMs: 1_500 } });
    await Promise.all([startBeating('node-0'), startBeating('node-1')]);
    const draft = deploymentOf('web', 4);
    await api().create(draft);
    await available('web', 4);
    const before = (await active()).map(({ metadata }) => metadata.uid).sort();
    for (let round = 0; round < 3; round++) {
      stopBeating('node-1');
      await waitFor(
        async () =>
          (await cluster.client.resource(nodes).get('node-1')).status?.conditions?.some(
            ({ type, status }) => type === 'Ready' && status === 'Unknown',
          ),
        { ...waiting, what: 'the silence to be noticed' },
      );
      await startBeating('node-1');
      await reportReady('node-1');
      await waitFor(
        async () => ((await cluster.client.resource(nodes).get('node-1')).spec?.taints ?? []).length === 0,
        {
          ...waiting,
          what: 'a node without taints',
        },
      );
    }
    expect((await active()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
    expect(await active()).toHaveLength(4);
  }, 60_000);

  it('that return after their pods moved let go of the old ones, and nothing runs twice', async () => {
    cluster = await startCluster({ nodes: 2, settings: { nodeMonitorGraceMs: 1_500 } });
    await Promise.all([startBeating('node-0'), startBeating('node-1')]);
    const draft = deploymentOf('web', 4);
    const spec = { ...template('web'), spec: { ...template('web').spec, tolerations: tolerating(1) } };
    await api().create({ ...draft, spec: { ...draft.spec, template: spec } } as Draft<Deployment>);
    await available('web', 4);
    const moving = (await active()).filter(({ spec: { nodeName } }) => nodeName === 'node-1').length;
    expect(moving).toBeGreaterThan(0);
    stopBeating('node-1');
    cluster.failNode('node-1');
    await waitFor(async () => (await active()).filter(({ spec: { nodeName } }) => nodeName === 'node-0').length === 4, {
      ...waiting,
      what: 'all pods on node-0',
    });
    // The pods of the lost node stay until its agent says that they are gone.
    expect(await podsNow()).toHaveLength(4 + moving);
    cluster.healNode('node-1');
    await startBeating('node-1');
    await reportReady('node-1');
    await waitFor(async () => (await podsNow()).length === 4, { ...waiting, what: 'the old pods to go' });
    await available('web', 4);
    expect((await active()).every(({ spec: { nodeName } }) => nodeName === 'node-0')).toBe(true);
    expect(await writesWithin(1_500)).toEqual([]);
  }, 60_000);
});

describe('a network cut', () => {
  it('that silences every node evicts nobody, and all is well when it ends', async () => {
    const names = ['node-0', 'node-1', 'node-2'];
    cluster = await startCluster({ nodes: 3, settings: { nodeMonitorGraceMs: 1_500 } });
    await Promise.all(names.map(startBeating));
    const draft = deploymentOf('web', 6);
    const spec = { ...template('web'), spec: { ...template('web').spec, tolerations: tolerating(6) } };
    await api().create({ ...draft, spec: { ...draft.spec, template: spec } } as Draft<Deployment>);
    await available('web', 6);
    const before = (await active()).map(({ metadata }) => metadata.uid).sort();
    const taintsNow = async () =>
      (await cluster.client.resource(nodes).list()).items.flatMap((node) => node.spec?.taints ?? []);
    names.forEach(stopBeating);
    names.forEach(cluster.failNode);
    await waitFor(
      async () => {
        const taints = await taintsNow();
        const lost = taints.filter(({ key, effect }) => key.endsWith('unreachable') && effect === 'NoSchedule');
        return lost.length === 3 && taints.every(({ effect }) => effect !== 'NoExecute');
      },
      { ...waiting, what: 'three silent nodes and no eviction' },
    );
    // Longer than the pods would tolerate.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect((await active()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
    names.forEach(cluster.healNode);
    await Promise.all(names.map(startBeating));
    await Promise.all(names.map(reportReady));
    await waitFor(async () => (await taintsNow()).length === 0, { ...waiting, what: 'nodes without taints' });
    expect((await active()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
  }, 60_000);
});

describe('clocks', () => {
  it('that step back or forward an hour lose no node, start nothing twice, and a rollout goes on', async () => {
    let skewMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + skewMs };
    cluster = await startCluster({ nodes: 2, clock, settings: { nodeMonitorGraceMs: 2_000 } });
    await Promise.all([startBeating('node-0'), startBeating('node-1')]);
    await api().create(deploymentOf('web', 3));
    await available('web', 3);
    for (const [i, stepMs] of [-3_600_000, 3_600_000, 7_200_000, 0].entries()) {
      skewMs = stepMs;
      const body = { spec: { template: { spec: { containers: [{ name: 'main', image: `x:${i}` }] } } } };
      await api().patch('web', { type: 'strategic', body });
      await waitFor(
        async () => {
          const { status, metadata } = await api().get('web');
          return (
            status?.observedGeneration === metadata.generation &&
            status?.updatedReplicas === 3 &&
            status.availableReplicas === 3 &&
            status.replicas === 3
          );
        },
        { ...waiting, what: `the rollout at ${stepMs} ms` },
      );
    }
    const conditions = (await cluster.client.resource(nodes).list()).items.flatMap(
      ({ status }) => status?.conditions ?? [],
    );
    expect(conditions.filter(({ type }) => type === 'Ready').map(({ status }) => status)).toEqual(['True', 'True']);
    expect(await active()).toHaveLength(3);
  }, 60_000);
});

describe('a quota', () => {
  it('that is changed under load is never exceeded, and what waited comes as soon as there is room', async () => {
    cluster = await startCluster({ nodes: 1 });
    const quotaApi = cluster.client.resource(resourceQuotas, 'default');
    const setPods = (amount: string) =>
      quotaApi.patch('few', { type: 'merge', body: { spec: { hard: { pods: amount } } } });
    await quotaApi.create({ metadata: { name: 'few' }, spec: { hard: { pods: '3' } } });
    await waitFor(async () => (await quotaApi.get('few')).status?.hard?.['pods'] === '3', waiting);
    let most = 0;
    const count = async (): Promise<number> => {
      const { length } = await podsNow();
      most = Math.max(most, length);
      return length;
    };
    const counting = new AbortController();
    const counted = (async () => {
      while (!counting.signal.aborted) {
        await count();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await Promise.all(['a', 'b', 'c'].map((name) => api().create(deploymentOf(name, 4))));
    await waitFor(async () => (await count()) === 3, { ...waiting, what: 'the first three' });
    await writesWithin(0);
    expect(most).toBe(3);
    const failing = (await api().list()).items.flatMap(({ status }) => status?.conditions ?? []);
    expect(failing.some(({ type, status }) => type === 'ReplicaFailure' && status === 'True')).toBe(true);
    await setPods('7');
    await waitFor(async () => (await count()) === 7, { timeoutMs: 60_000, intervalMs: 100, what: 'seven' });
    expect(most).toBe(7);
    await setPods('20');
    await waitFor(async () => (await count()) === 12, { timeoutMs: 90_000, intervalMs: 100, what: 'all' });
    counting.abort();
    await counted;
    expect(most).toBe(12);
    await waitFor(async () => (await quotaApi.get('few')).status?.used?.['pods'] === '12', waiting);
  }, 200_000);
});
