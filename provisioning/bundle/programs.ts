// What is uploaded to every machine: the Node runtime (stripped where this computer can, packed once and cached) and the
// bundled programs. `version` names the content, so that equal content is never uploaded twice.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { compress, writeDeb } from './deb.ts';
import { projectRoot } from './project-root.ts';
import { runCommand } from './run-command.ts';

/** Files ready to travel. */
export interface ProgramsArchive {
  /** Names runtime and programs together; the folder's name under /opt/pilothouse. */
  readonly version: string;
  /** The Node binary as `node` in a .deb file, which every supported machine can unpack, and the name of its content. */
  readonly runtime: { readonly path: string; readonly id: string };
  /** The bundled programs, compressed when first asked for: a machine that has them needs none of it. */
  programs(): Promise<readonly { readonly name: string; readonly gzipped: Uint8Array }[]>;
}

export interface ProgramsOptions {
  readonly programsDir?: string;
  /** The Node binary for this architecture, when it lies elsewhere than in node_modules. */
  readonly nodePath?: string;
  readonly cacheDir: string;
  readonly arch: string;
  readonly signal?: AbortSignal;
}

const gzipped = promisify(gzip);
const programNames = ['control-plane.mjs', 'agent.mjs'] as const;

/** Packs runtime and programs for machines of `arch` (Debian's name). */
export async function packPrograms(options: ProgramsOptions): Promise<ProgramsArchive> {
  const root = projectRoot();
  const programsDir = options.programsDir ?? join(root, 'dist');
  const programs = await Promise.all(
    programNames.map(async (name) => ({ name, content: await readProgram(join(programsDir, name)) })),
  );
  const runtime = await packRuntime(options);
  const version = await programsVersion();
  const hash = createHash('sha256').update(runtime.id);
  for (const { content } of programs) hash.update(content);
  const compressAll = (): Promise<{ name: string; gzipped: Uint8Array }[]> =>
    Promise.all(programs.map(async ({ name, content }) => ({ name, gzipped: await gzipped(content, { level: 6 }) })));
  let compressed: ReturnType<typeof compressAll> | undefined;
  return {
    version: `${version}-${hash.digest('hex').slice(0, 12)}`,
    runtime,
    programs: () => (compressed ??= compressAll()),
  };
}

/** The version of this installation, as package.json says it. */
export async function programsVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(projectRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** True when both programs are built. */
export function programsAreBuilt(programsDir: string = join(projectRoot(), 'dist')): boolean {
  return programNames.every((name) => existsSync(join(programsDir, name)));
}

async function readProgram(path: string): Promise<Buffer> {
  if (!existsSync(path)) throw missing(path);
  return readFile(path);
}

function missing(path: string): ProvisioningError {
  return new ProvisioningError('ProgramsMissing', text('error.programs', { path }), text('error.programs.remedy'));
}

/** Where the packed runtime belongs in the cache, and the name of its content. */
function locateRuntime(options: ProgramsOptions): { source: string; path: string; id: string } {
  const nodeArch = options.arch === 'amd64' ? 'x64' : options.arch;
  const source = options.nodePath ?? join(projectRoot(), 'node_modules', `node-linux-${nodeArch}`, 'bin', 'node');
  if (!existsSync(source)) throw missing(source);
  const { size, mtimeMs } = statSync(source);
  const id = createHash('sha256').update(`${nodeArch} ${size} ${mtimeMs} 1`).digest('hex').slice(0, 16);
  return { source, path: join(options.cacheDir, 'runtime', `node-${id}.deb`), id };
}

/** True when the runtime for these options needs no packing. */
export function runtimeIsPacked(options: ProgramsOptions): boolean {
  try {
    return existsSync(locateRuntime(options).path);
  } catch (error) {
    if (error instanceof ProvisioningError) return false; // not even fetched
    throw error;
  }
}

async function packRuntime(options: ProgramsOptions): Promise<ProgramsArchive['runtime']> {
  const { source, path, id } = locateRuntime(options);
  const parent = dirname(path);
  if (existsSync(path)) return { path, id };
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'unfinished-'));
  try {
    const stripped = join(work, 'node');
    await runCommand('strip', ['-o', stripped, source], { signal: options.signal }).catch(() =>
      copyFile(source, stripped),
    );
    const [control, data] = await Promise.all([
      tarOf('./control', Buffer.from(`Package: pilothouse-node\nVersion: 1\nArchitecture: ${options.arch}\n`), 0o644),
      tarOf('./node', await readFile(stripped), 0o755),
    ]);
    await writeDeb(join(work, 'node.deb'), control, data);
    await rename(join(work, 'node.deb'), path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { path, id };
}

function tarOf(name: string, content: Buffer, mode: number): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name, mode, mtime: new Date(0) }, content);
  tar.finalize();
  return compress(Readable.from(tar, { objectMode: false }));
}
