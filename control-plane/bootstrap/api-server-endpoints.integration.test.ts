// The Leases by which API servers are known, on a real API server.
import { expect, it } from 'vitest';
import { leases } from '../../api/kinds/coordination/index.ts';
import { endpoints } from '../../api/kinds/core/index.ts';
import { formatMicroTime } from '../../api/meta/time.ts';
import { systemClock } from '../../machinery/clock.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { waitFor } from '../../machinery/wait.ts';
import { startServer } from '../server/fixtures/running-server.ts';
import { runApiServerEndpoints } from './api-server-endpoints.ts';

const identity = { 'apiserver.kubernetes.io/identity': 'pilothouse' };

it('a server is among the endpoints while it lives; the lease of one that died is collected, others are left alone', async () => {
  const server = await startServer();
  const client = createRestClient({
    transport: createHttpsTransport(clusterOf(loadKubeconfig(server.kubeconfigPath))),
  });
  const api = client.resource(leases, 'kube-system');
  const lease = (name: string, labels: Record<string, string>, target: string, ageMs: number) =>
    api.create({
      metadata: { name, labels, annotations: { 'pilothouse.io/api-server-address': target } },
      spec: {
        holderIdentity: name,
        leaseDurationSeconds: 60,
        renewTime: formatMicroTime(Date.now() - ageMs),
      },
    });
  await lease('dead', identity, '10.0.0.8:6443', 120_000);
  await lease('alive', identity, '10.0.0.9:6443', 0);
  await lease('of-somebody-else', {}, '', 3_600_000);

  const ending = new AbortController();
  const running = runApiServerEndpoints({
    client,
    address: '10.0.0.7',
    port: 6443,
    clock: systemClock,
    logger: silentLogger,
    signal: ending.signal,
  });
  const addresses = async (): Promise<string[]> => {
    const { items } = await client.resource(endpoints, 'default').list();
    return items.flatMap(({ subsets = [] }) => subsets.flatMap(({ addresses: all = [] }) => all.map(({ ip }) => ip)));
  };
  const names = async (): Promise<string[]> => (await api.list()).items.map(({ metadata }) => metadata.name);
  try {
    await waitFor(async () => (await addresses()).length === 2, {
      timeoutMs: 10_000,
      intervalMs: 20,
      what: 'both living servers among the endpoints',
    });
    expect((await addresses()).sort()).toEqual(['10.0.0.7', '10.0.0.9']);
    expect((await names()).filter((name) => !name.startsWith('apiserver-')).sort()).toEqual([
      'alive',
      'of-somebody-else',
    ]);
    ending.abort();
    await running;
    expect(await addresses()).toEqual(['10.0.0.9']);
    expect((await names()).sort()).toEqual(['alive', 'of-somebody-else']);
  } finally {
    ending.abort();
    await running;
    client.close();
    await server.close();
  }
});
