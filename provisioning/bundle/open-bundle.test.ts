import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBundle } from './create-bundle.ts';
import { openBundle, verifyBundle } from './open-bundle.ts';
import { keyFingerprint, signingKey } from './signature.ts';

let folder = '';
const maker = (): string => join(folder, 'maker');
const user = (): string => join(folder, 'user');
const file = (): string => join(folder, 'a.bundle');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-bundle-'));
  await writeBundle(
    file(),
    [
      { path: 'programs/one', bytes: Buffer.from('first content') },
      { path: 'images/1.tar', bytes: Buffer.alloc(70_000, 'x') },
    ],
    { version: '1.0.0', programs: [], targets: [], images: [] },
    { home: maker() },
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (home: string, key?: string): ReturnType<typeof openBundle> =>
  openBundle(file(), { home, cacheDir: join(folder, `cache-${home.endsWith('user')}`), key });

/** Writes the bundle again with `change` made to its bytes. */
function tamper(change: (bytes: Buffer) => Buffer): void {
  writeFileSync(file(), change(readFileSync(file())));
}

test('its maker opens it and finds the content', async () => {
  const bundle = await open(maker());
  expect(readFileSync(bundle.locate('programs/one'), 'utf8')).toBe('first content');
  expect(bundle.fingerprint).toBe(keyFingerprint((await signingKey(maker())).publicKey));
});

test('another computer refuses it until it was told the fingerprint, once', async () => {
  await expect(open(user())).rejects.toMatchObject({ reason: 'BundleUntrusted' });
  await expect(open(user(), 'SHA256:another')).rejects.toMatchObject({ reason: 'BundleUntrusted' });
  const { fingerprint, trusted } = await verifyBundle(file(), { home: user() });
  expect(trusted).toBe(false);
  await open(user(), fingerprint);
  await expect(open(user())).resolves.toMatchObject({ fingerprint });
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['a changed byte of a file', (bytes) => flip(bytes, bytes.indexOf('first content'))],
  ['a changed byte of the manifest', (bytes) => flip(bytes, bytes.indexOf('"createdAt"') + 16)],
  ['a changed signature', (bytes) => flip(bytes, bytes.indexOf('manifest.sig') + 512)],
  ['a cut end', (bytes) => bytes.subarray(0, bytes.length - 40_000)],
  [
    'a file more',
    (bytes) => Buffer.concat([bytes.subarray(0, bytes.length - 1024), bytes.subarray(0, 4096), bytes.subarray(-1024)]),
  ],
  ['no bundle at all', () => Buffer.from('hello')],
])('%s is refused, and nothing of it is laid out', async (_, change) => {
  tamper(change);
  await expect(open(maker())).rejects.toMatchObject({ reason: 'BundleCorrupt' });
});

test('a bundle signed anew by a stranger is refused where its maker is known', async () => {
  await open(user(), (await verifyBundle(file(), { home: user() })).fingerprint);
  await writeBundle(
    file(),
    [{ path: 'programs/one', bytes: Buffer.from('other content') }],
    { version: '1.0.0', programs: [], targets: [], images: [] },
    { home: join(folder, 'stranger') },
  );
  await expect(open(user())).rejects.toMatchObject({ reason: 'BundleUntrusted' });
});

test('a bundle of a newer format says so', async () => {
  await writeBundle(file(), [], { version: '9.0.0', programs: [], targets: [], images: [], format: 2 } as never, {
    home: maker(),
  });
  await expect(open(maker())).rejects.toMatchObject({ reason: 'BundleNewer' });
});

test('a path that leads out of its folder is refused', async () => {
  await writeBundle(
    file(),
    [{ path: '../evil', bytes: Buffer.from('x') }],
    { version: '1.0.0', programs: [], targets: [], images: [] },
    { home: maker() },
  );
  await expect(open(maker())).rejects.toMatchObject({ reason: 'BundleCorrupt' });
});

function flip(bytes: Buffer, at: number): Buffer {
  expect(at).toBeGreaterThan(0);
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
