// A node that falls silent, and one that comes back, on a real API server.
import { afterEach, describe, expect, it } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { deployments } from '../../../api/kinds/apps/index.ts';
import { leases } from '../../../api/kinds/coordination/index.ts';
import { namespaces, nodes, pods } from '../../../api/kinds/core/index.ts';
import { formatMicroTime, formatTime } from '../../../api/meta/time.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
const heartbeats = new Map<string, NodeJS.Timeout>();
afterEach(async () => {
  for (const beat of heartbeats.values()) clearInterval(beat);
  await cluster.close();
});

/** Renews a node's lease several times within the grace period. */
async function beat(name: string): Promise<void> {
  const api = cluster.client.resource(leases, 'kube-node-lease');
  await api
    .create({ metadata: { name }, spec: { holderIdentity: name, renewTime: formatMicroTime(Date.now()) } })
    .catch(() => undefined);
  const renew = (): void =>
    void api
      .patch(name, { type: 'merge', body: { spec: { renewTime: formatMicroTime(Date.now()) } } })
      .catch(() => undefined);
  heartbeats.set(name, setInterval(renew, 250));
}

describe('a node that falls silent', () => {
  it('is marked and tainted, its pods move elsewhere when their toleration ends, and it is whole again when it returns', async () => {
    cluster = await startCluster({ nodes: 2, settings: { nodeMonitorGraceMs: 1_200 } });
    const { client } = cluster;
    await client
      .resource(namespaces)
      .create({ metadata: { name: 'kube-node-lease' }, spec: {} })
      .catch(() => undefined);
    await Promise.all([beat('node-0'), beat('node-1')]);
    const toleration = (key: string) => ({
      key,
      operator: 'Exists' as const,
      effect: 'NoExecute' as const,
      tolerationSeconds: 1,
    });
    const tolerations = [toleration('node.kubernetes.io/unreachable'), toleration('node.kubernetes.io/not-ready')];
    await client.resource(deployments, 'default').create({
      metadata: { name: 'web' },
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { tolerations, containers: [{ name: 'web', image: 'x' }] },
        },
      },
    });
    const placed = async () =>
      (await client.resource(pods, 'default').list()).items.filter(({ metadata }) => !metadata.deletionTimestamp);
    await waitFor(async () => (await placed()).filter(({ spec }) => spec.nodeName === 'node-1').length === 2, {
      timeoutMs: 10_000,
      what: 'two pods on node-1',
    });

    clearInterval(heartbeats.get('node-1'));
    cluster.failNode('node-1');
    const silent = await waitFor(
      async () => {
        const node = await client.resource(nodes).get('node-1');
        return node.spec?.taints?.some(({ effect }) => effect === 'NoExecute') ? node : undefined;
      },
      { timeoutMs: 10_000, what: 'the taint' },
    );
    expect(silent.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
    });
    await waitFor(
      async () => {
        const all = await placed();
        return (
          all.length === 4 && all.every(({ spec, status }) => spec.nodeName === 'node-0' && status?.phase === 'Running')
        );
      },
      { timeoutMs: 10_000, what: 'all pods on node-0' },
    );

    await beat('node-1');
    const ready = [{ type: 'Ready', status: 'True', lastHeartbeatTime: formatTime(Date.now()) }];
    await client
      .resource(nodes)
      .patch('node-1', { type: 'strategic', body: { status: { conditions: ready } } }, { subresource: 'status' });
    await waitFor(async () => ((await client.resource(nodes).get('node-1')).spec?.taints ?? []).length === 0, {
      timeoutMs: 10_000,
      what: 'a node without taints',
    });
  }, 40_000);
});
