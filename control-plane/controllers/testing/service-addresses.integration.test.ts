// Services, their addresses and the ranges they come from, on a real API server.
import { afterEach, expect, it } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { events, services } from '../../../api/kinds/core/index.ts';
import { ipAddresses, serviceCidrs } from '../../../api/kinds/networking/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());
const waiting = { timeoutMs: 20_000, intervalMs: 50 };
const gone = (probe: () => Promise<unknown>) => async () =>
  probe().then(
    () => false,
    (error) => isApiError(error, 'NotFound'),
  );

it('an address that somebody deleted is given back to its Service, and told as an event', async () => {
  cluster = await startCluster({ nodes: 0, only: ['service-ip-repair', 'service-cidr'] });
  const { client } = cluster;
  const service = await client
    .resource(services, 'default')
    .create({ metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
  const ip = service.spec.clusterIP ?? '';
  const addresses = client.resource(ipAddresses);
  await addresses.delete(ip);
  const again = await waitFor(() => addresses.get(ip).catch(() => undefined), { ...waiting, what: 'the address' });
  expect(again.spec.parentRef).toMatchObject({ resource: 'services', namespace: 'default', name: 'web' });
  await waitFor(
    async () =>
      (await client.resource(events, 'default').list()).items.some(({ reason }) => reason === 'ClusterIPNotAllocated'),
    { ...waiting, what: 'the event' },
  );
  await client.resource(services, 'default').delete('web');
  await waitFor(
    gone(() => addresses.get(ip)),
    { ...waiting, what: 'the address to go with its Service' },
  );
}, 40_000);

it('a range becomes ready, and goes when nothing depends on it', async () => {
  cluster = await startCluster({ nodes: 0, only: ['service-cidr'] });
  const api = cluster.client.resource(serviceCidrs);
  await api.create({ metadata: { name: 'extra' }, spec: { cidrs: ['10.200.0.0/24'] } });
  const ready = await waitFor(
    async () => {
      const cidr = await api.get('extra');
      return cidr.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
        ? cidr
        : undefined;
    },
    { ...waiting, what: 'the range to be ready' },
  );
  expect(ready.metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer']);
  await api.delete('extra');
  expect((await api.get('extra')).metadata.deletionTimestamp).toBeDefined();
  await waitFor(
    gone(() => api.get('extra')),
    { ...waiting, what: 'the range to go' },
  );
}, 40_000);
