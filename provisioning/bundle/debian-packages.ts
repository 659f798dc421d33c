// Debian packages with exactly the dependencies that a given machine lacks, fetched with this computer's own apt and its
// configured sources, against the machine's dpkg status. Every package is fetched and repacked once and then cached;
// cached files are whole or absent.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { repackDeb } from './deb.ts';
import { apt, type AptOptions, type AptPlace } from './apt.ts';

/** A set of .deb files, in no order: dpkg finds its own. */
export interface PackageBundle {
  readonly files: readonly string[];
  readonly sizeBytes: number;
}

const underway = new Map<string, Promise<PackageBundle>>();
const oneAtATime = pLimit(1); // the second of two similar bundles finds the first one's packages in the cache

/** Fetches those of `wanted` that `dpkgStatus` (the text of /var/lib/dpkg/status) lacks, and what they need besides. */
export function fetchDebianPackages(
  dpkgStatus: string,
  wanted: readonly string[],
  options: AptOptions,
): Promise<PackageBundle> {
  const present = new Set(
    installedVersions(dpkgStatus).flatMap((line) =>
      line.endsWith(' install ok installed') ? [line.split(' ')[0]] : [],
    ),
  );
  const names = wanted.filter((name) => !present.has(name));
  const identity = [options.arch, [...names].sort(), installedVersions(dpkgStatus)];
  const key = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 24);
  const running = underway.get(key);
  if (running !== undefined) return running;
  const promise = oneAtATime(() => fetchBundle(key, dpkgStatus, names, options)).finally(() => underway.delete(key));
  underway.set(key, promise);
  return promise;
}

/** Where packages lie in the cache: as fetched, as repacked, and lists of what one machine needs. */
export interface PackageFolders {
  readonly root: string;
  readonly originals: string;
  readonly repacked: string;
  readonly bundles: string;
}

/** The folders under `cacheDir`; nothing is created. */
export function packageFolders(cacheDir: string): PackageFolders {
  const root = join(cacheDir, 'debian-packages');
  return {
    root,
    originals: join(root, 'originals'),
    repacked: join(root, 'repacked'),
    bundles: join(root, 'bundles'),
  };
}

async function fetchBundle(
  key: string,
  dpkgStatus: string,
  names: readonly string[],
  options: AptOptions,
): Promise<PackageBundle> {
  const folders = packageFolders(options.cacheDir);
  await Promise.all(Object.values(folders).map((folder) => mkdir(folder, { recursive: true })));
  const list = join(folders.bundles, `${key}.json`);
  if (!existsSync(list)) {
    const work = await mkdtemp(join(folders.root, 'unfinished-'));
    try {
      const statusFile = join(work, 'status');
      await writeFile(statusFile, dpkgStatus);
      const place = { work, statusFile, archives: join(work, 'archives') };
      const files = await downloadPackages(place, names, folders.originals, options);
      const limit = pLimit(availableParallelism());
      await Promise.all(
        files.map((file) =>
          limit(() => repackCached(join(folders.originals, file), join(folders.repacked, file), options.signal)),
        ),
      );
      await writeFile(join(work, 'list'), JSON.stringify(files));
      await rename(join(work, 'list'), list);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  const files = (JSON.parse(await readFile(list, 'utf8')) as string[]).map((file) => join(folders.repacked, file));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return { files, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Brings `names` and what they need into `originals`; resolves with the names of the files, in no order. */
export async function downloadPackages(
  place: AptPlace,
  names: readonly string[],
  originals: string,
  options: AptOptions,
): Promise<string[]> {
  await mkdir(join(place.archives, 'partial'), { recursive: true });
  for (const name of await readdir(originals))
    await link(join(originals, name), join(place.archives, name)).catch(ignoreExisting);
  await apt(['--download-only', 'install', ...names], place, options);
  const uris = await apt(
    ['--print-uris', 'install', ...names],
    { ...place, archives: join(place.work, 'none') },
    options,
  );
  const files = uris.split('\n').flatMap((line) => /^'[^']*' (\S+\.deb) /.exec(line)?.[1] ?? []);
  for (const file of files) {
    if (!existsSync(join(originals, file)))
      await link(join(place.archives, file), join(originals, file)).catch(ignoreExisting);
  }
  return files;
}

/** Makes the repacked form of a fetched package, unless the cache has it. */
export async function repackCached(original: string, target: string, signal: AbortSignal | undefined): Promise<void> {
  if (existsSync(target)) return;
  const copy = `${target}.${randomUUID()}`; // two runs may want the same package
  await copyFile(original, copy);
  try {
    await repackDeb(copy, signal);
    await rename(copy, target);
  } finally {
    await rm(copy, { force: true });
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}

/** What of a dpkg status decides the closure: name, version and state of each package. */
export function installedVersions(dpkgStatus: string): string[] {
  const fields = ['Package', 'Architecture', 'Version', 'Status'].map((name) => new RegExp(`^${name}: (.*)$`, 'm'));
  return dpkgStatus
    .split('\n\n')
    .map((stanza) => fields.map((field) => field.exec(stanza)?.[1] ?? '').join(' '))
    .sort();
}

/** This computer's distribution, to know whether its apt can serve a machine. */
export async function hostDistribution(): Promise<{ id: string; codename: string }> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME') };
}
