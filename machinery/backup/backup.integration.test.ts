// Backups of a real etcd, proved by real throw-away etcds, in a folder and in a store that checks every signature.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requires } from '../../test/support/requirements.ts';
import { createEtcdClient, saveSnapshot, startEmbeddedEtcd } from '../etcd/index.ts';
import type { EmbeddedEtcd, EtcdClient } from '../etcd/index.ts';
import { readDatabaseState } from '../etcd/snapshot/index.ts';
import { silentLogger } from '../logger.ts';
import { ensurePki } from '../pki/index.ts';
import {
  createRecoveryKey,
  folderTarget,
  listBackups,
  localProver,
  makeBackup,
  openAndCheck,
  proveStored,
  s3Target,
} from './index.ts';
import type { BackupSource, BackupTarget, MadeBackup, RecoveryKey } from './index.ts';
import { liveObjects } from './live-objects.ts';
import { startTestS3 } from './testing/s3-server.ts';
import type { TestS3 } from './testing/s3-server.ts';

describe('an S3-compatible store as a place', () => {
  let s3: TestS3;
  let folder: string;
  beforeEach(async () => {
    s3 = await startTestS3();
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-s3-'));
  });
  afterEach(async () => {
    await s3.close();
    await rm(folder, { recursive: true });
  });
  const target = (more: object = {}, partBytes?: number): BackupTarget => {
    const { endpoint, bucket, accessKeyId, secretAccessKey } = s3;
    const options = { endpoint, bucket, accessKeyId, secretAccessKey, prefix: 'a b/c+d', region: 'eu-1', ...more };
    return s3Target(options, { partBytes });
  };

  it('keeps files whole, also in parts and under odd names', async () => {
    const bytes = randomBytes(1_000_003);
    await writeFile(join(folder, 'in'), bytes);
    for (const [name, partBytes] of [['one (1)*~!.bin', undefined] as const, ['two=&?.bin', 300_000] as const]) {
      const place = target({}, partBytes);
      await place.put(name, join(folder, 'in'));
      await place.get(name, join(folder, 'out'));
      expect((await readFile(join(folder, 'out'))).equals(bytes)).toBe(true);
    }
    s3.pageSize = 1;
    expect((await target().list()).map(({ name, bytes: size }) => [name, size])).toEqual([
      ['one (1)*~!.bin', 1_000_003],
      ['two=&?.bin', 1_000_003],
    ]);
    await target().delete('two=&?.bin');
    await target().delete('two=&?.bin');
    expect(await target().list()).toHaveLength(1);
    expect(await target().readText('none')).toBeUndefined();
    expect(s3.openUploads.size).toBe(0);
  });

  it('tells a wrong secret, a missing bucket and a missing file apart', async () => {
    await expect(target({ secretAccessKey: 'wrong' }).list()).rejects.toThrow('SignatureDoesNotMatch');
    await expect(target({ bucket: 'other' }).list()).rejects.toMatchObject({ failure: 'storage' });
    await expect(target().get('none', join(folder, 'x'))).rejects.toMatchObject({ failure: 'absent' });
    expect(await readdir(folder)).toEqual([]);
  });
});

requires('etcd')('a backup of a living etcd', () => {
  let folder: string;
  let etcd: EmbeddedEtcd;
  let client: EtcdClient;
  let recoveryKey: RecoveryKey;
  const passphrase = 'a passphrase for tests';
  const prover = localProver() ?? (() => Promise.reject(new Error('no etcd')));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-backup-'));
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: [] });
    const credentials = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    const options = { dataDir: join(folder, 'etcd'), pkiDir: pki.dir, client: credentials, logger: silentLogger };
    etcd = await startEmbeddedEtcd(options);
    client = createEtcdClient(etcd.access);
    recoveryKey = await createRecoveryKey(passphrase, 1 << 14);
    for (let i = 0; i < 700; i++) await put(`/registry/configmaps/default/c-${i}`, `{"n":${i}}`);
  });
  afterAll(async () => {
    client.close();
    await etcd.stop();
    await rm(folder, { recursive: true });
  });
  const put = (key: string, text: string): Promise<unknown> =>
    client.transact({ guards: [], write: { put: key, value: Buffer.from(text) }, otherwiseRead: [] });
  const source = (): BackupSource => ({
    cluster: 'demo',
    async snapshot(path, signal) {
      await saveSnapshot(client, etcd.access.endpoints, path, { signal });
      return { etcdVersion: '3.4' };
    },
    liveObjects: (revision) => liveObjects(client, revision),
    contents: () => Promise.resolve([{ name: 'cluster.yaml', text: 'name: demo\n' }]),
  });
  const make = (target: BackupTarget, more: object = {}): Promise<MadeBackup> =>
    makeBackup({
      source: source(),
      target,
      recoveryKey,
      prover,
      workDir: join(folder, 'work'),
      now: Date.now,
      ...more,
    });

  it('is proved restorable object by object while the cluster is being written, and leaves nothing readable', async () => {
    const target = folderTarget(join(folder, 'kept'));
    const writing = new AbortController();
    const writer = (async () => {
      for (let i = 0; !writing.signal.aborted; i++) await put(`/registry/pods/default/p-${i % 50}`, `v${i}`);
    })();
    const made = await make(target);
    writing.abort();
    await writer;
    expect(made.proof.objects).toBeGreaterThanOrEqual(700);
    expect(made.proof.revision).toBe(made.backup.revision);
    const [listed] = await listBackups(target, 'demo');
    expect(listed?.proof).toEqual(made.proof);
    expect(await readdir(join(folder, 'work'))).toEqual([]);
    const again = await proveStored({
      target,
      name: made.backup.name,
      opener: { passphrase },
      prover,
      workDir: join(folder, 'work'),
      now: Date.now,
    });
    expect(again.objects).toBe(made.proof.objects);
  });

  it('goes to S3 and pushes out old ones', async () => {
    const s3 = await startTestS3();
    try {
      const { endpoint, bucket, accessKeyId, secretAccessKey } = s3;
      const target = s3Target({ endpoint, bucket, accessKeyId, secretAccessKey, prefix: 'x', region: 'r' });
      const first = await make(target, { keep: { count: 1 }, now: () => Date.now() - 60_000 });
      const second = await make(target, { keep: { count: 1 } });
      expect(second.retired).toEqual([first.backup.name]);
      expect([...s3.objects.keys()].sort()).toEqual(
        ['', '.proof.json'].map((suffix) => `x/${second.backup.name}${suffix}`),
      );
    } finally {
      await s3.close();
    }
  });

  it('is deleted again when the place gives back something else than was stored', async () => {
    const kept = folderTarget(join(folder, 'lying'));
    const lying: BackupTarget = {
      ...kept,
      async get(name, localPath) {
        const bytes = await readFile(join(folder, 'lying', name));
        bytes[bytes.length - 30] = (bytes[bytes.length - 30] ?? 0) ^ 1;
        await writeFile(localPath, bytes);
      },
    };
    await expect(make(lying)).rejects.toMatchObject({ failure: 'damaged' });
    expect(await listBackups(kept)).toEqual([]);
  });

  it('is not called good when the live cluster holds other objects than the snapshot', async () => {
    const target = folderTarget(join(folder, 'differs'));
    await mkdir(join(folder, 'differs'), { recursive: true });
    const forged: BackupSource = {
      ...source(),
      async liveObjects(revision) {
        const objects = await liveObjects(client, revision);
        return objects.map((object, index) => (index === 3 ? { ...object, sha256: '0'.repeat(64) } : object));
      },
    };
    await expect(make(target, { source: forged })).rejects.toMatchObject({ failure: 'differs' });
    expect(await listBackups(target)).toEqual([]);
  });

  it('carries a list that is what its database holds', async () => {
    const target = folderTarget(join(folder, 'held'));
    const { backup } = await make(target);
    const opened = await openAndCheck(join(folder, 'held', backup.name), join(folder, 'opened'), { passphrase });
    expect((await readDatabaseState(opened.snapshot)).objects).toEqual(opened.objects);
  });
});
