// A leader that slept through the end of its term: whatever it still sends, none of it lands.
import { afterEach, expect, it } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { deployments } from '../../../api/kinds/apps/index.ts';
import { leases } from '../../../api/kinds/coordination/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { fenceHeaders } from '../../fencing.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const lease = { namespace: 'kube-system', name: 'kube-controller-manager' };
const leaders = ['deposed', 'present'];

it('its writes are refused, and those of the leader after it land', async () => {
  let held = false;
  cluster = await startCluster({
    only: ['deployment', 'replicaset'],
    // The fixture's own start needs no leadership; the first term under test is the second.
    headersOf: (term) => (held ? fenceHeaders({ ...lease, identity: leaders[term - 1] ?? '' }) : {}),
  });
  const { client } = cluster;
  await cluster.stopControllers();
  const leaseApi = client.resource(leases, lease.namespace);
  await leaseApi.create({ metadata: lease, spec: { holderIdentity: 'deposed', leaseDurationSeconds: 15 } });
  held = true;
  cluster.startControllers();

  const api = client.resource(deployments, 'default');
  const all = async () => (await client.resource(pods, 'default').list()).items;
  await api.create({
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'x' }] } },
    },
  });
  const ready = (count: number) =>
    waitFor(async () => (await api.get('web')).status?.availableReplicas === count, {
      timeoutMs: 15_000,
      what: `${count} pods`,
    });
  await ready(2);

  await leaseApi.patch(lease.name, { type: 'merge', body: { spec: { holderIdentity: 'present' } } });
  const before = (await all()).map(({ metadata }) => metadata.uid).sort();
  const sent = cluster.writes.length;
  await api.patch('web', { type: 'merge', body: { spec: { replicas: 4 } } });
  await waitFor(async () => cluster.writes.length > sent + 3, { timeoutMs: 15_000, what: 'the deposed leader to try' });
  expect((await all()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
  expect((await api.get('web')).status?.observedGeneration).toBe(1);

  cluster.startControllers();
  await ready(4);
}, 60_000);
