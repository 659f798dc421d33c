// The cluster's history when the process that writes it is killed: under writes, and while it draws its opening picture.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJournalReader } from '../../control-plane/journal/journal-reader.ts';
import { startApiProcess, type ApiProcess } from '../support/api-process.ts';
import { startEtcdCluster, type TestEtcdCluster } from '../support/etcd-cluster.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const namespace = 'default';
const prefix = '/registry/configmaps/';
/** Enough that the opening picture takes several writes to the file. */
const filler = 'x'.repeat(4000);
const fillers = 300;

requires('etcd')('the history under SIGKILL', () => {
  let folder: string;
  let etcd: TestEtcdCluster;
  let server: ApiProcess;
  let api: CoreV1Api;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-journal-faults-'));
    etcd = await startEtcdCluster(folder, 1);
    server = await startApiProcess({ folder, name: 'one', etcd: etcd.access, pkiDir: etcd.pki.dir });
    const config = new KubeConfig();
    config.loadFromFile(server.kubeconfigPath);
    api = config.makeApiClient(CoreV1Api);
  });
  afterAll(async () => {
    await server?.close();
    await etcd?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const create = (name: string): Promise<unknown> =>
    api.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { filler } } });
  const journal = (): string => join(folder, 'one', 'journal');
  const segments = async (): Promise<number> =>
    (await readdir(journal())).filter((name) => /\.jsonl(\.gz)?$/.test(name)).length;

  it('keeps its chain, shows each gap, and knows what is there now', async () => {
    for (let index = 0; index < fillers; index += 50)
      await Promise.all(Array.from({ length: 50 }, (_, n) => create(`filler-${index + n}`)));
    const kills = 5;
    for (let kill = 0; kill < kills; kill++) {
      const writing = Promise.allSettled(Array.from({ length: 40 }, (_, n) => create(`kill-${kill}-${n}`)));
      // At once, and later and later: before the picture, within it, and under the writes that follow it.
      await new Promise((resolve) => setTimeout(resolve, kill * 40));
      await server.kill();
      await writing;
      await server.restart();
    }
    await until('the opening picture', async () => (await segments()) > 1);
    await create('last');

    const reader = createJournalReader(journal());
    await until('the last change', async () => (await reader.versionsOf(`${prefix}${namespace}/last`, 1)).length === 1);
    const { items } = await api.listNamespacedConfigMap({ namespace });
    const state = await reader.stateAt(Date.now(), [`${prefix}${namespace}/`]);
    expect([...(state ?? new Map<string, unknown>()).keys()].sort()).toEqual(
      items.map(({ metadata }) => `${prefix}${namespace}/${metadata?.name}`).sort(),
    );
    expect(items.length).toBeGreaterThan(fillers);
    expect(await reader.verify()).toMatchObject({ intact: true });
    expect((await reader.span(1)).gaps.length).toBeGreaterThan(0);
    expect((await readdir(journal())).filter((name) => name.endsWith('.opening'))).toEqual([]);
  });
});
