import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEtcdClient, startEmbeddedEtcd } from '../../machinery/etcd/index.ts';
import type { EmbeddedEtcd, EtcdClient } from '../../machinery/etcd/index.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { ensurePki } from '../../machinery/pki/index.ts';
import { requires } from '../../test/support/requirements.ts';
import { describeStoreContract, podKey, podNamed, takeEvents } from './contract-suite.ts';
import type { Store } from './contract.ts';
import { openEtcdStore } from './etcd-store.ts';

requires('etcd')('etcd store', () => {
  let folder: string;
  let etcd: EmbeddedEtcd;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-store-'));
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: [] });
    etcd = await startEmbeddedEtcd({
      dataDir: join(folder, 'etcd'),
      pkiDir: pki.dir,
      client: { ca: pki.etcdCa.cert, ...pki.etcdClient },
      logger: silentLogger,
    });
  });
  afterAll(async () => {
    await etcd.stop();
    await rm(folder, { recursive: true });
  });

  const open = (): Promise<Store> =>
    openEtcdStore({ client: createEtcdClient(etcd.access), logger: silentLogger, patienceMs: 500 });

  describeStoreContract(async () => {
    const client: EtcdClient = createEtcdClient(etcd.access);
    await client.deletePrefix('/registry/');
    client.close();
    return open();
  });

  it('shows a write of one store to a linearizable read of another at once', async () => {
    const [one, two] = await Promise.all([open(), open()]);
    for (let i = 0; i < 30; i++) {
      const written = await (i % 2 ? one : two).create(podKey(`shared-${i}`), podNamed(`shared-${i}`));
      const read = await (i % 2 ? two : one).get(podKey(`shared-${i}`));
      expect(read?.revision).toBe(written.revision);
    }
    await Promise.all([one.close(), two.close()]);
  });

  it('shows a write of a guest at once to a store that is otherwise alone', async () => {
    const alone = await openEtcdStore({ client: createEtcdClient(etcd.ownAccess), logger: silentLogger });
    for (let i = 0; i < 20; i++) {
      const guest = createEtcdClient(etcd.access);
      const own = await alone.create(podKey(`own-${i}`), podNamed(`own-${i}`));
      expect((await alone.get(podKey(`own-${i}`)))?.revision).toBe(own.revision);
      const key = podKey(`guest-${i}`);
      const value = Buffer.from(JSON.stringify(podNamed(`guest-${i}`)));
      const { revision } = await guest.transact({ guards: [], write: { put: key, value }, otherwiseRead: [] });
      if (i % 2) guest.close();
      expect((await alone.get(key))?.revision).toBe(revision);
      guest.close();
    }
    await alone.close();
  });

  it('loses and doubles no event when etcd is killed under a watch, and resolves writes under way', async () => {
    const store = await open();
    const abort = new AbortController();
    const watch = store.watch('/registry/pods/crash/', {
      fromRevision: await store.currentRevision(),
      signal: abort.signal,
    });
    const names = Array.from({ length: 200 }, (_, i) => `p${i}`);
    const writing = names.map(async (name, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 5));
      return store.create(podKey(name, 'crash'), podNamed(name, { namespace: 'crash' }));
    });
    const pid = etcd.pid();
    setTimeout(() => pid !== undefined && process.kill(pid, 'SIGKILL'), 400);
    const written = await Promise.all(writing);
    const events = await takeEvents(watch, names.length);
    expect(events.map((event) => event.revision)).toEqual(events.map((event) => event.revision).sort((a, b) => a - b));
    expect(events.map((event) => event.object.key).sort()).toEqual(written.map((version) => version.key).sort());
    expect(etcd.pid()).not.toBe(pid);
    await store.close();
  });

  it('reads values that another hand wrote, whatever their order', async () => {
    const store = await open();
    const client = createEtcdClient(etcd.access);
    const value =
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"foreign","namespace":"x","resourceVersion":"3"},"spec":{}}';
    const revision = await client.currentRevision();
    await client.transact({
      guards: [],
      write: { put: podKey('foreign', 'x'), value: Buffer.from(value) },
      otherwiseRead: [],
    });
    const read = await store.get(podKey('foreign', 'x'));
    expect(read?.revision).toBeGreaterThan(revision);
    expect(read?.parse()).toMatchObject({
      kind: 'Pod',
      metadata: { name: 'foreign', resourceVersion: String(read?.revision) },
    });
    client.close();
    await store.close();
  });

  it('keeps answering when keys outside of /registry change', async () => {
    const store = await open();
    const client = createEtcdClient(etcd.access);
    await client.transact({ guards: [], write: { put: 'elsewhere', value: Buffer.from('x') }, otherwiseRead: [] });
    await store.list('/registry/pods/');
    expect(store.cachedRevision()).toBe(await client.currentRevision());
    client.close();
    await store.close();
  });
});
