// Archives, keys, places and retention, without etcd; the proof by a real etcd is in backup.integration.test.ts.
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBackup, readBackupHead, sealBackup } from './archive.ts';
import { chunkBytes } from './cipher-stream.ts';
import { createRecoveryKey, newPassphrase } from './recovery-key.ts';
import { signRequest } from './sigv4.ts';
import { backupName, folderTarget, listBackups, planRetention, writeProof } from './target.ts';
import type { StoredBackup } from './target.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-backup-'));
});
afterEach(() => rm(folder, { recursive: true }));

const quick = 1 << 14;
const about = {
  cluster: 'demo',
  createdAt: '2026-11-23T19:00:00.000Z',
  revision: 7,
  objects: 1,
  snapshotBytes: 3,
  etcdVersion: '3.4.23',
};

async function sealed(passphrase: string, bytes: Buffer): Promise<string> {
  await writeFile(join(folder, 'big'), bytes);
  const path = join(folder, 'a.phbackup');
  await sealBackup(path, {
    about,
    recoveryKey: await createRecoveryKey(passphrase, quick),
    contents: [
      { name: 'pki/ca.key', text: 'SECRET-KEY' },
      { name: 'snapshot.db', path: join(folder, 'big') },
    ],
  });
  return path;
}

describe('a backup file', () => {
  // Lengths around the edges of a chunk; random bytes do not shrink, so gzip's output is about as long.
  it.each([0, 1, chunkBytes - 2000, chunkBytes, 2 * chunkBytes + 5])('gives %i bytes back', async (length) => {
    const bytes = randomBytes(length);
    const path = await sealed('correct horse', bytes);
    const head = await openBackup(path, join(folder, 'out'), { passphrase: 'correct horse' });
    expect(head).toMatchObject(about);
    expect((await readFile(join(folder, 'out/snapshot.db'))).equals(bytes)).toBe(true);
    expect(await readFile(join(folder, 'out/pki/ca.key'), 'utf8')).toBe('SECRET-KEY');
  });

  it('shows what it is, and no secret, without being opened', async () => {
    const path = await sealed('correct horse', Buffer.from('SECRET-OBJECT'));
    expect(await readBackupHead(path)).toMatchObject(about);
    const text = (await readFile(path)).toString('latin1');
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain('correct horse');
  });

  it('is refused with the reason, and leaves nothing behind', async () => {
    const path = await sealed('correct horse', randomBytes(chunkBytes * 2));
    const good = await readFile(path);
    const open = async (bytes: Buffer, passphrase = 'correct horse') => {
      await writeFile(path, bytes);
      return openBackup(path, join(folder, 'out'), { passphrase });
    };
    await expect(open(good, 'correct horze')).rejects.toMatchObject({ failure: 'wrong-passphrase' });
    await expect(open(Buffer.from('hello'))).rejects.toMatchObject({ failure: 'not-a-backup' });
    const newer = Buffer.from(good);
    newer.write('2', 'PILOTHOUSE BACKUP '.length);
    await expect(open(newer)).rejects.toMatchObject({ failure: 'newer-format' });
    for (const at of [40, 100, good.length - chunkBytes, good.length - 1]) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(open(changed), `a change at ${at}`).rejects.toMatchObject({ failure: 'damaged' });
    }
    for (const length of [good.length - 1, good.length - chunkBytes, 2000])
      await expect(open(good.subarray(0, length)), `cut to ${length}`).rejects.toMatchObject({ failure: 'damaged' });
    expect(await readdir(folder)).not.toContain('out');
  });

  it('is sealed anew every time, also with the same passphrase', async () => {
    const first = await readFile(await sealed('correct horse', Buffer.from('x')));
    const second = await readFile(await sealed('correct horse', Buffer.from('x')));
    expect(first.equals(second)).toBe(false);
  });

  it('wants a passphrase worth the name, and can make one', async () => {
    await expect(createRecoveryKey('short', quick)).rejects.toThrow('at least 8');
    expect(newPassphrase()).toMatch(/^([a-z2-9]{4}-){7}[a-z2-9]{4}$/);
  });
});

describe('retention', () => {
  const day = 86_400_000;
  const now = Date.parse('2026-11-23T00:00:00Z');
  const backup = (ageDays: number, proved = true): StoredBackup => ({
    name: `d${ageDays}`,
    cluster: 'demo',
    createdAtMs: now - ageDays * day,
    revision: 1,
    bytes: 1,
    ...(proved && { proof: { provedAt: '', revision: 1, objects: 1, etcdVersion: '', elapsedMs: 1 } }),
  });
  const names = (list: StoredBackup[]): string[] => list.map(({ name }) => name);

  it.each([
    ['by count', { count: 2 }, [1, 2, 3, 4], ['d3', 'd4']],
    ['by count, and by age beyond it', { count: 1, days: 3 }, [1, 2, 3, 4, 5], ['d4', 'd5']],
    ['nothing while there are few', { count: 9, days: 1 }, [5, 6], []],
    ['never the last', { count: 0 }, [9], []],
  ])('deletes %s', (_title, keep, ages, deleted) => {
    const list = ages.map((age) => backup(age));
    expect(names(planRetention(list, keep, now))).toEqual(deleted);
  });

  it('keeps the newest proved one, however old', () => {
    const list = [backup(1, false), backup(2, false), backup(3), backup(4)];
    expect(names(planRetention(list, { count: 1 }, now))).toEqual(['d2', 'd4']);
  });
});

it('lists a folder’s backups with their proofs, newest first', async () => {
  const target = folderTarget(join(folder, 'backups'));
  await writeFile(join(folder, 'x'), 'x');
  const [older, newer] = [backupName('demo', Date.UTC(2026, 0, 1), 5), backupName('demo', Date.UTC(2026, 0, 2), 9)];
  for (const name of [older, newer, backupName('other', 0, 1), 'readme.txt']) await target.put(name, join(folder, 'x'));
  const proof = { provedAt: '2026-01-01T00:00:00.000Z', revision: 5, objects: 3, etcdVersion: '3.4', elapsedMs: 5 };
  await writeProof(target, older, proof);
  expect(await listBackups(target, 'demo')).toEqual([
    { name: newer, cluster: 'demo', createdAtMs: Date.UTC(2026, 0, 2), revision: 9, bytes: 1 },
    { name: older, cluster: 'demo', createdAtMs: Date.UTC(2026, 0, 1), revision: 5, bytes: 1, proof },
  ]);
});

it('signs as the published example of Signature Version 4 does', () => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const headers = signRequest(
    {
      method: 'GET',
      url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
      headers: { range: 'bytes=0-9' },
      payloadHash: empty,
    },
    {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      region: 'us-east-1',
    },
    Date.UTC(2013, 4, 24),
  );
  expect(headers['authorization']).toContain(
    'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});
