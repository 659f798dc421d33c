// Opens a bundle: nothing of it is used before its signature, the trust in its maker and every checksum hold. The content
// is laid out once in the cache, whole or not at all; the file itself is verified at each opening.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { cacheDir } from '../paths.ts';
import { bundleCorrupt, type BundleManifest, parseManifest } from './manifest.ts';
import { isSignedBy, isTrusted, keyFingerprint, trustKey } from './signature.ts';

/** A member of the archive as it streams by. */
type Entry = Readable & { readonly header: Header };

const mostManifestBytes = 16 * 2 ** 20;

export interface OpenBundleOptions {
  readonly home?: string;
  readonly cacheDir?: string;
  /** The maker's fingerprint, as told by the maker: trusts that key from now on, and only that key for this bundle. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** A verified bundle. */
export interface OpenBundle {
  readonly file: string;
  readonly manifest: BundleManifest;
  readonly fingerprint: string;
  /** Where a path of the manifest lies on this computer. */
  locate(path: string): string;
}

const opened = new Map<string, Promise<OpenBundle>>();

/** Verifies `file` and lays it out. Throws ProvisioningError BundleUnreadable, BundleCorrupt, BundleNewer, BundleUntrusted. */
export function openBundle(file: string, options: OpenBundleOptions = {}): Promise<OpenBundle> {
  const facts = statSync(file, { throwIfNoEntry: false });
  const identity = JSON.stringify([file, facts?.size, facts?.mtimeMs, facts?.ino, options]);
  const promise = opened.get(identity) ?? readBundle(file, options, true);
  opened.set(identity, promise);
  promise.catch(() => opened.delete(identity));
  return promise.then(({ manifest, fingerprint, locate }) => ({ file, manifest, fingerprint, locate }));
}

/** The same verification without laying anything out; `trusted` is told instead of demanded. */
export async function verifyBundle(
  file: string,
  options: OpenBundleOptions = {},
): Promise<{ readonly manifest: BundleManifest; readonly fingerprint: string; readonly trusted: boolean }> {
  return readBundle(file, options, false);
}

async function readBundle(
  file: string,
  options: OpenBundleOptions,
  layOut: boolean,
): Promise<OpenBundle & { readonly trusted: boolean }> {
  if (!existsSync(file)) {
    throw new ProvisioningError(
      'BundleUnreadable',
      text('error.bundleUnreadable', { file }),
      text('error.bundleUnreadable.remedy'),
    );
  }
  const entries = createReadStream(file, { highWaterMark: 2 ** 20, signal: options.signal }).pipe(extract());
  const walk = entries[Symbol.asyncIterator]() as AsyncIterator<Entry, void>;
  try {
    const manifestBytes = await readMember(walk, file, 'manifest.json');
    const signature = await readMember(walk, file, 'manifest.sig');
    const manifest = parseManifest(manifestBytes, file);
    if (!isSignedBy(manifest.publicKey, manifestBytes, signature)) throw bundleCorrupt(file, 'manifest.sig');
    const trusted = await decideTrust(file, manifest, options, layOut);
    const digest = createHash('sha256').update(manifestBytes).digest('hex').slice(0, 32);
    const folder = join(cacheDir(options.cacheDir), 'bundles', digest);
    await readFiles(walk, file, manifest, layOut && !existsSync(folder) ? folder : undefined);
    const fingerprint = keyFingerprint(manifest.publicKey);
    return { file, manifest, fingerprint, trusted, locate: (path) => join(folder, path) };
  } catch (error) {
    options.signal?.throwIfAborted();
    // A cut or overwritten archive fails in the tar reader itself.
    throw error instanceof ProvisioningError ? error : bundleCorrupt(file, 'archive', error);
  } finally {
    entries.destroy();
  }
}

async function decideTrust(
  file: string,
  manifest: BundleManifest,
  options: OpenBundleOptions,
  isDemanded: boolean,
): Promise<boolean> {
  const fingerprint = keyFingerprint(manifest.publicKey);
  if (options.key !== undefined && options.key === fingerprint) await trustKey(manifest.publicKey, options.home);
  const trusted =
    options.key === undefined ? await isTrusted(manifest.publicKey, options.home) : options.key === fingerprint;
  if (!trusted && (isDemanded || options.key !== undefined)) {
    const values = { file, fingerprint };
    throw new ProvisioningError(
      'BundleUntrusted',
      text('error.bundleUntrusted', values),
      text('error.bundleUntrusted.remedy', values),
    );
  }
  return trusted;
}

async function readMember(walk: AsyncIterator<Entry, void>, file: string, name: string): Promise<Buffer> {
  const next = await walk.next();
  if (next.done === true || next.value.header.name !== name || (next.value.header.size ?? 0) > mostManifestBytes)
    throw bundleCorrupt(file, name);
  return buffer(next.value);
}

/** Reads all files against the manifest, in its order, into `folder` when given. Nothing may be missing or left over. */
async function readFiles(
  walk: AsyncIterator<Entry, void>,
  file: string,
  manifest: BundleManifest,
  folder: string | undefined,
): Promise<void> {
  if (folder !== undefined) await mkdir(dirname(folder), { recursive: true });
  const work = folder === undefined ? undefined : await mkdtemp(join(dirname(folder), 'unfinished-'));
  try {
    for (const { path, sizeBytes, sha256 } of manifest.files) {
      const next = await walk.next();
      if (next.done === true || next.value.header.name !== path || next.value.header.size !== sizeBytes)
        throw bundleCorrupt(file, path);
      const target = work === undefined ? undefined : join(work, path);
      if ((await copyEntry(next.value, target)) !== sha256) throw bundleCorrupt(file, path);
    }
    const rest = await walk.next();
    if (rest.done !== true) throw bundleCorrupt(file, rest.value.header.name);
    if (work !== undefined && folder !== undefined) {
      await rename(work, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error; // else another run was quicker
      });
    }
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

/** The SHA-256 of the entry, which is written to `target` on the way. */
async function copyEntry(entry: Entry, target: string | undefined): Promise<string> {
  const hash = createHash('sha256');
  if (target === undefined) {
    for await (const chunk of entry) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }
  await mkdir(dirname(target), { recursive: true });
  const output = await open(target, 'w');
  try {
    for await (const chunk of entry) {
      hash.update(chunk as Buffer);
      await output.writeFile(chunk as Buffer);
    }
  } finally {
    await output.close();
  }
  return hash.digest('hex');
}
