// A list in pages on real etcd, under which history is compacted: the client is told with 410 and a token to go on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig, type V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../control-plane/server/fixtures/running-server.ts';
import { openEtcdStore } from '../../control-plane/store/index.ts';
import { createEtcdClient, startEmbeddedEtcd, type EmbeddedEtcd } from '../../machinery/etcd/index.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { ensurePki } from '../../machinery/pki/index.ts';
import { requires } from '../support/requirements.ts';

const namespace = 'default';
const total = 330;

requires('etcd')('a list in pages', () => {
  let folder: string;
  let etcd: EmbeddedEtcd;
  let running: RunningServer;
  let api: CoreV1Api;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-api-paging-'));
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: [] });
    const client = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    etcd = await startEmbeddedEtcd({ dataDir: join(folder, 'etcd'), pkiDir: pki.dir, client, logger: silentLogger });
    const store = await openEtcdStore({ client: createEtcdClient(etcd.access), logger: silentLogger });
    running = await startServer({ store });
    const config = new KubeConfig();
    config.loadFromFile(running.kubeconfigPath);
    api = config.makeApiClient(CoreV1Api);
    const names = Array.from({ length: total }, (_, index) => `paged-${String(index).padStart(4, '0')}`);
    const create = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop())
        await api.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { paged: 'yes' } } } });
    };
    await Promise.all(Array.from({ length: 16 }, create));
  });
  afterAll(async () => {
    await running?.close();
    await etcd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const page = (_continue?: string): ReturnType<CoreV1Api['listNamespacedConfigMap']> =>
    api.listNamespacedConfigMap({ namespace, labelSelector: 'paged=yes', limit: 100, _continue });
  const namesOf = (items: readonly V1ConfigMap[]): string[] => items.map(({ metadata }) => metadata?.name ?? '');
  const rename = async (from: string, to: string): Promise<void> => {
    await api.deleteNamespacedConfigMap({ name: from, namespace });
    await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: to, labels: { paged: 'yes' } } } });
  };

  it('shows one moment in all its pages, whatever changes meanwhile', async () => {
    const first = await page();
    await rename('paged-0200', 'paged-0200-new');
    const names = namesOf(first.items);
    let token = first.metadata?._continue;
    while (token) {
      const next = await page(token);
      expect(next.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
      names.push(...namesOf(next.items));
      token = next.metadata?._continue;
    }
    expect(names).toHaveLength(total);
    expect(names).toContain('paged-0200');
    expect(new Set(names).size).toBe(total);
  });

  it('is told 410 when its moment was compacted away, and goes on from the last name with the token that comes along', async () => {
    const first = await page();
    expect(first.metadata?.remainingItemCount).toBeUndefined();
    await rename('paged-0300', 'paged-0300-new');
    await running.store.compact(await running.store.currentRevision());
    const failure = (await page(first.metadata?._continue).catch((error: unknown) => error)) as {
      code: number;
      body: string;
    };
    expect(failure.code).toBe(410);
    const status = JSON.parse(failure.body) as { reason: string; metadata: { continue?: string } };
    expect(status.reason).toBe('Expired');
    expect(status.metadata.continue).toBeTruthy();

    const names = namesOf(first.items);
    let token: string | undefined = status.metadata.continue;
    while (token) {
      const next = await page(token);
      names.push(...namesOf(next.items));
      token = next.metadata?._continue;
    }
    // The rest is of a later moment: what came meanwhile is in it, what went is not.
    expect(names).toContain('paged-0300-new');
    expect(names).not.toContain('paged-0300');
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(total);
  });

  it('starts a watch from a compacted moment with 410 too', async () => {
    const old = await api.listNamespacedConfigMap({ namespace, limit: 1 });
    await rename('paged-0001', 'paged-0001-new');
    await running.store.compact(await running.store.currentRevision());
    const path = `/api/v1/namespaces/${namespace}/configmaps?watch=1&timeoutSeconds=5&resourceVersion=${old.metadata?.resourceVersion}`;
    const { text } = await running.raw('GET', path);
    expect(text).toContain('"code":410');
  });
});
