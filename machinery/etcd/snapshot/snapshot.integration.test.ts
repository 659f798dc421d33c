// The database as a file against a real etcd: what is read is what etcd serves, and etcd runs on what is written.
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../../../test/support/requirements.ts';
import { localProver } from '../../backup/prove.ts';
import { silentLogger } from '../../logger.ts';
import { ensurePki } from '../../pki/index.ts';
import { createEtcdClient, saveSnapshot, startEmbeddedEtcd } from '../index.ts';
import type { EmbeddedEtcd, EtcdClient } from '../index.ts';
import { checkSnapshot, differences, readDatabaseState, restoreDatabase, revisionBump } from './index.ts';

requires('etcd')('a database restored from a snapshot', () => {
  let folder: string;
  let etcd: EmbeddedEtcd;
  let client: EtcdClient;
  let snapshot: string;
  const prove = localProver();
  let runs = 0;
  const serve = async (bump: number) => {
    const at = join(folder, `proof-${++runs}`);
    const restored = await restoreDatabase(snapshot, `${at}.db`, bump);
    const served = await prove?.(`${at}.db`, at);
    if (served === undefined) throw new Error('etcd is here: requires() said so');
    return { restored, served };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-snapshot-'));
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: [] });
    const credentials = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    etcd = await startEmbeddedEtcd({
      dataDir: join(folder, 'etcd'),
      pkiDir: pki.dir,
      client: credentials,
      logger: silentLogger,
    });
    client = createEtcdClient(etcd.access);
    const put = (key: string, value: Buffer) =>
      client.transact({ guards: [], write: { put: key, value }, otherwiseRead: [] });
    // Enough for two levels of branches, some values larger than a page, some versions, some deletions.
    await Promise.all(
      Array.from({ length: 3000 }, (_, i) => put(`/registry/pods/default/pod-${i}`, Buffer.alloc(900, i % 251))),
    );
    await put('/registry/configmaps/default/large', Buffer.alloc(900_000, 7));
    for (let i = 0; i < 20; i++) await put('/registry/often', Buffer.from(`version ${i}`));
    for (let i = 0; i < 50; i++)
      await client.transact({
        guards: [],
        write: { delete: `/registry/pods/default/pod-${i}` },
        otherwiseRead: [],
      });
    snapshot = join(folder, 'snapshot.db');
    await saveSnapshot(client, etcd.access.endpoints, snapshot);
  }, 120_000);
  afterAll(async () => {
    client.close();
    await etcd.stop();
    await rm(folder, { recursive: true });
  });

  it('is read as etcd serves it', async () => {
    await checkSnapshot(snapshot);
    const state = await readDatabaseState(snapshot);
    expect(state.revision).toBe(await client.currentRevision());
    expect(state.objects).toHaveLength(3000 - 50 + 2);
  });

  it('is served by a new etcd object by object, at the same revision', async () => {
    const { restored, served } = await serve(0);
    expect(differences(restored.objects, served.objects)).toEqual([]);
    expect(served.revision).toBe(restored.revision);
  });

  it('counts on from far above every revision that a client may have seen', async () => {
    const { restored, served } = await serve(revisionBump);
    expect(differences(restored.objects, served.objects)).toEqual([]);
    expect(served.revision).toBe(restored.revision + revisionBump);
  });

  it('can be snapshot and restored again after a bump', async () => {
    const once = join(folder, 'once.db');
    await restoreDatabase(snapshot, once, revisionBump);
    const before = await readDatabaseState(snapshot);
    const after = await readDatabaseState(once);
    expect(differences(before.objects, after.objects)).toEqual([]);
    expect(after.revision).toBe(before.revision + revisionBump);
  });

  it('is refused when bytes are missing or changed', async () => {
    const bytes = await readFile(snapshot);
    const damaged = join(folder, 'damaged.db');
    await writeFile(damaged, bytes);
    await truncate(damaged, bytes.length - 512);
    await expect(checkSnapshot(damaged)).rejects.toThrow('differs from its own hash');
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(damaged, bytes);
    await expect(checkSnapshot(damaged)).rejects.toThrow('differs from its own hash');
    await writeFile(damaged, bytes.subarray(0, bytes.length >> 1));
    await expect(readDatabaseState(damaged)).rejects.toThrow(/cut|outside/);
  });
});
