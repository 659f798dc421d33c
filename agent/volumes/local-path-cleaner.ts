// Deletes the folders of node-local volumes whose PersistentVolume no longer exists: at its deletion, and at the start for
// those deleted while the agent was away. Acts only on a full list of volumes, and only below its own folder.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersistentVolume } from '../../api/kinds/core/index.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Informer } from '../../machinery/informer.ts';
import type { Logger } from '../../machinery/logger.ts';

/** Where the control plane puts node-local volumes: one folder each, named VOLUME_NAMESPACE_CLAIM. */
export const localVolumesFolder = '/var/lib/pilothouse/volumes';
const settleMs = 1_000;

export interface LocalPathCleanerOptions {
  readonly volumes: Informer<PersistentVolume>;
  readonly folder?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts; never rejects. */
export async function runLocalPathCleaner(options: LocalPathCleanerOptions): Promise<void> {
  const { volumes, folder = localVolumesFolder, clock, logger, signal } = options;
  await volumes.whenSynced(signal).catch(() => undefined); // the signal ends it
  let wake: () => void = () => undefined;
  volumes.onDidChange(({ current }) => current === undefined && wake());
  while (!signal.aborted) {
    const changed = new AbortController();
    wake = () => changed.abort();
    await clean(volumes, folder, logger);
    await new Promise<void>((resolve) => {
      const done = AbortSignal.any([signal, changed.signal]);
      if (done.aborted) resolve();
      else done.addEventListener('abort', () => resolve(), { once: true });
    });
    await clock.sleep(settleMs, signal);
  }
}

async function clean(volumes: Informer<PersistentVolume>, folder: string, logger: Logger): Promise<void> {
  const names = await readdir(folder).catch(() => []); // no local volume was ever made here
  for (const name of names.filter((one) => isLeftOver(one, (volume) => volumes.get(volume) !== undefined))) {
    logger.info({ folder: join(folder, name) }, 'removing the data of a deleted volume');
    await rm(join(folder, name), { recursive: true, force: true }).catch((error: unknown) => {
      logger.warn({ err: error, folder: name }, 'the data of a deleted volume could not be removed');
    });
  }
}

/** Whether a folder belongs to a volume that is gone; folders of another shape are nobody's business. Pure. */
export function isLeftOver(folderName: string, exists: (volume: string) => boolean): boolean {
  const volume = /^(pvc-[0-9a-f-]{36})_/.exec(folderName)?.[1];
  return volume !== undefined && !exists(volume);
}
