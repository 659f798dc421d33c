// The files of an image as a read-only folder, without a container: its layers mounted over each other where the Engine
// keeps them so (overlay2), else unpacked once. What is mounted shares the layers; nothing is copied.
import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { RuntimeRefusal } from '../container-runtime.ts';
import { ask, askUnless } from './engine.ts';
import type { Engine, ImageInspection } from './engine.ts';

const run = promisify(execFile);
const limits = { timeout: 110_000, killSignal: 'SIGKILL' } as const;
/** Nothing in an image is a program of this machine. */
const flags = 'ro,nosuid,nodev,noexec';

/** Shows the image's files at `target`, which is an empty folder or one that shows them already. */
export async function mountImage(engine: Engine, id: string, target: string): Promise<void> {
  const inspection = await ask(() => engine.getImage(id).inspect());
  await mkdir(target, { recursive: true });
  const layers = layersOf(inspection);
  if (layers === undefined) return unpack(engine, id, target);
  const [top = ''] = layers;
  if (layers.length === 1) {
    await run('mount', ['--bind', '--', top, target], limits);
    await run('mount', ['-o', `remount,bind,${flags}`, '--', target], limits);
    return;
  }
  // Short names keep an image of many layers within the kernel's limit for mount options.
  const root = dirname(dirname(top));
  const names = await Promise.all(layers.map((layer) => shortName(layer)));
  const options = `${flags},lowerdir=${names.join(':')}`;
  await run('mount', ['-t', 'overlay', '-o', options, '--', 'overlay', target], { ...limits, cwd: root });
}

/** The folders of the image's layers, topmost first; undefined when the Engine keeps them in another way. */
export function layersOf({ GraphDriver: driver }: Pick<ImageInspection, 'GraphDriver'>): string[] | undefined {
  if (driver?.Name !== 'overlay2') return undefined;
  const { UpperDir: upper, LowerDir: lower } = driver.Data as { UpperDir?: string; LowerDir?: string };
  if (upper === undefined) return undefined;
  return [upper, ...(lower === undefined || lower === '' ? [] : lower.split(':'))];
}

async function shortName(layer: string): Promise<string> {
  const folder = dirname(layer);
  const link = await readFile(join(folder, 'link'), 'utf8').catch(() => undefined);
  return link === undefined ? join(basename(folder), 'diff') : join('l', link.trim());
}

async function unpack(engine: Engine, id: string, target: string): Promise<void> {
  if ((await readdir(target)).length > 0) return;
  const made = await ask((abortSignal) =>
    engine.createContainer({ Image: id, Cmd: ['none'], NetworkDisabled: true, abortSignal }),
  );
  try {
    const files = await ask(() => engine.getContainer(made.id).export());
    const tar = spawn('tar', ['--extract', '--file=-', '--directory', target], { stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    tar.stderr.setEncoding('utf8').on('data', (words: string) => (complaint += words));
    const ended = new Promise<number | null>((resolve, reject) => void tar.on('error', reject).on('close', resolve));
    await Promise.all([pipeline(files, tar.stdin).catch(() => undefined), ended]);
    if ((await ended) !== 0) {
      await rm(target, { recursive: true, force: true });
      throw new RuntimeRefusal(`the image could not be unpacked: ${complaint.trim()}`, 500);
    }
  } finally {
    await askUnless([404], (abortSignal) => engine.getContainer(made.id).remove({ force: true, abortSignal }));
  }
}
