// Follows a folder of manifests: pods come with their file, are made anew when it changes, and end when it goes. A file
// that was good and is broken now leaves its pod as it was, until the file is repaired or removed.
import { watch } from 'node:fs/promises';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import { readManifests } from './read-manifests.ts';

const lookMs = 20_000;
/** Editors write a file in several steps. */
const settleMs = 200;

export interface StaticPodsOptions {
  readonly folder: string;
  readonly nodeName: string;
  /** All static pods there shall be. */
  readonly onPods: (pods: readonly Pod[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts; never rejects. */
export async function runStaticPods({
  folder,
  nodeName,
  onPods,
  clock,
  logger,
  signal,
}: StaticPodsOptions): Promise<void> {
  const good = new Map<string, Pod>();
  const told = new Map<string, string>();
  const look = async (): Promise<void> => {
    const manifests = await readManifests(folder, nodeName);
    const paths = new Set(manifests.map(({ path }) => path));
    for (const path of good.keys()) if (!paths.has(path)) good.delete(path);
    for (const { path, pod, problem } of manifests) {
      if (pod !== undefined) good.set(path, pod);
      if (problem !== undefined && told.get(path) !== problem)
        logger.warn({ path, problem }, 'a manifest cannot be used');
      if (problem === undefined) told.delete(path);
      else told.set(path, problem);
    }
    onPods([...good.values()]);
  };
  while (!signal.aborted) {
    const changed = new AbortController();
    const watching = untilChanged(folder, AbortSignal.any([signal, changed.signal]));
    await look().catch((error: unknown) =>
      logger.warn({ err: error, folder }, 'the folder of manifests cannot be read'),
    );
    await Promise.race([watching, clock.sleep(lookMs, AbortSignal.any([signal, changed.signal]))]);
    changed.abort();
    await clock.sleep(settleMs, signal);
  }
}

/** Resolves with the first change; a folder that cannot be watched is only looked at from time to time. */
async function untilChanged(folder: string, signal: AbortSignal): Promise<void> {
  try {
    for await (const _change of watch(folder, { signal })) return;
  } catch {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
}
