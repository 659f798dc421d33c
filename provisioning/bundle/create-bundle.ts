// Makes one file with all that machines need: programs, Node runtimes, Debian packages with their dependencies, images,
// their checksums and this console's signature. Whole or absent; equal inputs give equal content, up to the date.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { systemClock } from '../../machinery/clock.ts';
import type { RunOptions } from '../contract.ts';
import { type Distro, distroNamed, targetNames } from '../distro/distro.ts';
import { ProvisioningError } from '../errors.ts';
import { archiveReferences } from '../images/archive.ts';
import { text } from '../messages/text.ts';
import { cacheDir } from '../paths.ts';
import { createStages } from '../run/stages.ts';
import { bundleFormat, type BundleManifest, formatManifest } from './manifest.ts';
import { ensureNode } from './node-runtime.ts';
import { packPrograms, programsVersion } from './programs.ts';
import { keyFingerprint, signingKey } from './signature.ts';
import { fetchTarget } from './target-packages.ts';

export interface CreateBundleOptions extends RunOptions {
  readonly output: string;
  /** Systems as `debian-12/amd64`; default: Debian 12 on this computer's architecture. */
  readonly targets?: readonly string[];
  /** docker-archive files. */
  readonly images?: readonly string[];
  readonly programsDir?: string;
  /** Node binaries by architecture, where they should not be npm's. */
  readonly nodePaths?: Readonly<Record<string, string>>;
  readonly mirrors?: Readonly<Record<string, string>>;
  readonly keyrings?: Readonly<Record<string, string>>;
  readonly cacheDir?: string;
}

/** What was made. */
export interface CreatedBundle {
  readonly path: string;
  readonly sizeBytes: number;
  readonly fingerprint: string;
  readonly manifest: BundleManifest;
}

/** A file to be written into the bundle: bytes, or a path on this computer. */
export type BundleContent =
  { readonly path: string; readonly bytes: Uint8Array } | { readonly path: string; readonly from: string };

/** Makes the bundle at `output`. Throws ProvisioningError BundleTarget, MirrorUnknown, AptMissing, RuntimeMissing, ProgramsMissing. */
export async function createBundle(options: CreateBundleOptions): Promise<CreatedBundle> {
  const cache = cacheDir(options.cacheDir);
  const stages = createStages(options.onProgress, 'bundle');
  const targets = parseTargets(options.targets ?? [`debian-12/${process.arch === 'x64' ? 'amd64' : process.arch}`]);
  const contents = new Map<string, BundleContent>();
  const add = (content: BundleContent): void => void contents.set(content.path, content);
  const { signal } = options;

  const programs: BundleManifest['programs'] = [];
  for (const arch of new Set(targets.map((target) => target.arch))) {
    const archive = await stages.run(`programs-${arch}`, text('bundle.programs', { arch }), async () => {
      const nodePath = options.nodePaths?.[arch] ?? (await ensureNode(arch, cache, signal));
      return packPrograms({ programsDir: options.programsDir, nodePath, cacheDir: cache, arch, signal });
    });
    const runtime = `programs/node-${arch}.deb`;
    add({ path: runtime, from: archive.runtime.path });
    const files = (await archive.programs()).map(({ name, gzipped }) => {
      add({ path: `programs/${name}.gz`, bytes: gzipped });
      return { name, path: `programs/${name}.gz` };
    });
    programs.push({
      arch: arch as 'amd64',
      version: archive.version,
      runtimeId: archive.runtime.id,
      runtime,
      files,
    });
  }
  const listed: BundleManifest['targets'] = [];
  for (const { distro, arch } of targets) {
    const { id, version, codename } = distro;
    const title = text('bundle.packages', { target: `${id} ${version} ${arch}` });
    const fetched = await stages.run(`packages-${codename}-${arch}`, title, (onOutput) =>
      fetchTarget(distro, arch, { ...options, cacheDir: cache, onOutput }),
    );
    const index = `packages/${codename}-${arch}/Packages`;
    add({ path: index, bytes: fetched.index });
    const packages = fetched.packages.map((each) => {
      const path = `packages/pool/${basename(each.path)}`;
      add({ path, from: each.path });
      return { name: each.name, version: each.version, path };
    });
    listed.push({ id, version, codename, arch: arch as 'amd64', index, packages });
  }
  const images: BundleManifest['images'] = [];
  for (const [position, from] of (options.images ?? []).entries()) {
    const path = `images/${position + 1}.tar`;
    images.push({ path, references: await archiveReferences(from) });
    add({ path, from });
  }
  return stages.run('write', text('bundle.write', { file: options.output }), async () =>
    writeBundle(
      options.output,
      [...contents.values()],
      { version: await programsVersion(), programs, targets: listed, images },
      options,
    ),
  );
}

function parseTargets(names: readonly string[]): { readonly distro: Distro; readonly arch: string }[] {
  return [...new Set(names)].map((name) => {
    const [system = '', arch = ''] = name.split('/');
    const distro = distroNamed(system);
    if (distro === undefined || !['amd64', 'arm64'].includes(arch)) {
      throw new ProvisioningError(
        'BundleTarget',
        text('error.bundleTarget', { target: name }),
        text('error.bundleTarget.remedy', { known: targetNames().join(', ') }),
      );
    }
    return { distro, arch };
  });
}

/** Signs and writes a bundle of `contents`, which `what` describes. */
export async function writeBundle(
  output: string,
  contents: readonly BundleContent[],
  what: Pick<BundleManifest, 'version' | 'programs' | 'targets' | 'images'>,
  options: Pick<RunOptions, 'home' | 'signal'> = {},
): Promise<CreatedBundle> {
  const key = await signingKey(options.home);
  const manifest: BundleManifest = {
    format: bundleFormat,
    createdAt: new Date(systemClock.now()).toISOString(),
    publicKey: key.publicKey,
    ...what,
    files: await Promise.all(contents.map(describe)),
  };
  const bytes = formatManifest(manifest);
  const head: BundleContent[] = [
    { path: 'manifest.json', bytes },
    { path: 'manifest.sig', bytes: key.sign(bytes) },
  ];
  await writeArchive(output, [...head, ...contents], options.signal);
  const { size } = await stat(output);
  return { path: output, sizeBytes: size, fingerprint: keyFingerprint(key.publicKey), manifest };
}

async function describe(content: BundleContent): Promise<BundleManifest['files'][number]> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array> =
    'bytes' in content ? [content.bytes] : createReadStream(content.from, { highWaterMark: 2 ** 20 });
  for await (const chunk of chunks) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { path: content.path, sizeBytes, sha256: hash.digest('hex') };
}

async function writeArchive(output: string, contents: readonly BundleContent[], signal?: AbortSignal): Promise<void> {
  const unfinished = `${output}.unfinished`;
  await mkdir(dirname(output), { recursive: true });
  const archive = pack();
  try {
    await Promise.all([
      pipeline(Readable.from(archive, { objectMode: false }), createWriteStream(unfinished), { signal }),
      fill(archive, contents).catch((error: unknown) => {
        archive.destroy(error as Error);
        throw error;
      }),
    ]);
    await rename(unfinished, output);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function fill(archive: Pack, contents: readonly BundleContent[]): Promise<void> {
  const mtime = new Date(0);
  for (const content of contents) {
    const bytes = 'bytes' in content ? Buffer.from(content.bytes) : await readFile(content.from);
    await new Promise<void>((resolve, reject) => {
      archive.entry({ name: content.path, mtime, mode: 0o644 }, bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
  archive.finalize();
}

/** Where a bundle is written when no path was given. */
export function defaultBundlePath(version: string): string {
  return join(process.cwd(), `pilothouse-${version}.bundle`);
}
