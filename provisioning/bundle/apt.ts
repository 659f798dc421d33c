// This computer's apt, asked about another machine: with that machine's dpkg status, and nothing of this computer changed.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { CommandFailed, runCommand } from './run-command.ts';

export interface AptOptions {
  readonly cacheDir: string;
  readonly arch: string;
  readonly signal?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

/** Where apt works for one question. */
export interface AptPlace {
  readonly work: string;
  readonly statusFile: string;
  readonly archives: string;
  /** A sources.list in place of this computer's own sources; its lists are kept in the place. */
  readonly sourcesFile?: string;
}

/**
 * `apt-get ARGS` with this computer's sources and package lists; when those lists are absent or too old, with fresh ones
 * that are kept in the place. Resolves with stdout; throws ProvisioningError `AptMissing`.
 */
export async function apt(args: readonly string[], place: AptPlace, options: AptOptions): Promise<string> {
  await mkdir(join(place.archives, 'partial'), { recursive: true });
  const lists = join(place.work, 'lists');
  const run = (ownLists: boolean, words: readonly string[]): Promise<string> => {
    const settings = {
      'APT::Architecture': options.arch,
      'APT::Sandbox::User': 'root',
      'Dir::State::status': place.statusFile,
      'Dir::State::extended_states': '/dev/null',
      'Dir::Cache::archives': `${place.archives}/`,
      'Dir::Cache::pkgcache': '',
      'Dir::Cache::srcpkgcache': '',
      'Debug::NoLocking': '1',
      ...(ownLists ? { 'Dir::State::lists': `${lists}/` } : {}),
      ...(place.sourcesFile === undefined
        ? {}
        : {
            'Dir::Etc::sourcelist': place.sourcesFile,
            'Dir::Etc::sourceparts': '/dev/null',
            'APT::Architectures': options.arch,
          }),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
    const all = [...flags, '-y', '-q', '--no-install-recommends', '--no-upgrade', ...words];
    return runCommand('apt-get', all, { env, signal: options.signal, onOutput: options.onOutput });
  };
  if (place.sourcesFile !== undefined) {
    await mkdir(join(lists, 'partial'), { recursive: true });
    return run(true, args).catch((error: unknown) => {
      throw error instanceof CommandFailed ? aptMissing(error) : error;
    });
  }
  try {
    return await run(false, args);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (error.code === null) throw aptMissing(error);
    try {
      await mkdir(join(lists, 'partial'), { recursive: true });
      await run(true, ['update']);
      return await run(true, args);
    } catch (second) {
      throw second instanceof CommandFailed ? aptMissing(second) : second;
    }
  }
}

function aptMissing(error: CommandFailed): ProvisioningError {
  const reason = error.message;
  return new ProvisioningError(
    'AptMissing',
    text('error.aptMissing', { reason }),
    text('error.aptMissing.remedy'),
    error,
  );
}
