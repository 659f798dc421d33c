// The scheduler's configuration as the composition root asks for it: the file's, or the default without one. The reader
// of files is loaded only where there is one to read.
import { readFile } from 'node:fs/promises';
import { defaultConfiguration } from './profile.ts';
import type { SchedulerConfiguration } from './profile.ts';

/** Rejects with one sentence that names the file and the mistake in it. */
export async function readSchedulerConfiguration(path: string | undefined): Promise<SchedulerConfiguration> {
  if (path === undefined) return defaultConfiguration;
  try {
    const { parseSchedulerConfiguration } = await import('./configuration.ts');
    return parseSchedulerConfiguration(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new Error(`the scheduler configuration ${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}
