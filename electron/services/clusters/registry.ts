// The clusters this console knows: every folder of `$PILOTHOUSE_HOME/clusters` that holds a kubeconfig.
// Guarantees: a kubeconfig is stored self-contained and readable by the owner only; sessions open on first use and are
// opened anew when the kubeconfig changes; clusters that the CLI makes or removes appear and vanish by themselves.
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../machinery/clock.ts';
import { clusterOf, formatKubeconfig, loadKubeconfig, type ClusterAccess } from '../../../machinery/kubeconfig.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { Unsubscribe } from '../contract.ts';
import { ServiceError } from '../errors.ts';
import { readJsonFile, replaceFile, writeJsonFile } from '../state/json-file.ts';
import { createClusterSession, type ClusterSession } from './session.ts';

export interface KnownCluster {
  readonly id: string;
  readonly name: string;
  readonly origin: 'built' | 'imported';
  readonly server: string;
  readonly addedAt: number;
  readonly session: ClusterSession;
}

export interface ClusterRegistry {
  list(): readonly KnownCluster[];
  /** The cluster, or a ServiceError that it is unknown. */
  get(id: string): KnownCluster;
  import(name: string, kubeconfig: string, context?: string): Promise<KnownCluster>;
  rename(id: string, name: string): Promise<KnownCluster>;
  remove(id: string): Promise<void>;
  kubeconfigOf(id: string): Promise<string>;
  /** Reads the folder again, now. */
  rescan(): Promise<void>;
  onDidChange(listener: () => void): Unsubscribe;
  run(signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Entry extends KnownCluster {
  readonly stamp: string;
}

const rescanMs = 2000;
const aboutSchema = z.object({ name: z.string().optional(), addedAt: z.number().optional() });

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A folder name from a person's words. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return slug || 'cluster';
}

function readAccess(kubeconfig: string, context?: string): ClusterAccess {
  try {
    return clusterOf(loadKubeconfig(kubeconfig), context);
  } catch (cause) {
    throw new ServiceError('BadKubeconfig', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The registry of one console home. */
export function createClusterRegistry(home: string, clock: Clock, logger: Logger): ClusterRegistry {
  const folder = join(home, 'clusters');
  const entries = new Map<string, Entry>();
  const listeners = new Set<() => void>();
  const pathOf = (id: string, file: string): string => join(folder, id, file);
  const announce = (): void => {
    for (const listener of [...listeners]) listener();
  };

  const load = async (id: string): Promise<boolean> => {
    const path = pathOf(id, 'kubeconfig');
    const about = await readJsonFile(pathOf(id, 'console.json'), aboutSchema, {});
    const { mtimeMs } = await stat(path);
    const stamp = `${mtimeMs} ${about.name ?? ''}`;
    const known = entries.get(id);
    if (known?.stamp === stamp) return false;
    const access = readAccess(path);
    known?.session.close();
    entries.set(id, {
      id,
      name: about.name ?? id,
      origin: (await exists(pathOf(id, 'cluster.yaml'))) ? 'built' : 'imported',
      server: access.servers[0] ?? '',
      addedAt: about.addedAt ?? mtimeMs,
      session: createClusterSession(access, clock, logger.child({ cluster: id })),
      stamp,
    });
    return true;
  };
  let scanning: Promise<void> = Promise.resolve();
  const scan = async (): Promise<void> => {
    const names = await readdir(folder).catch(() => []); // no folder yet: no clusters
    let changed = false;
    const present = new Set<string>();
    for (const id of names) {
      if (!(await exists(pathOf(id, 'kubeconfig')))) continue;
      present.add(id);
      changed =
        (await load(id).catch(
          (err: unknown) => (logger.warn({ err, cluster: id }, 'a cluster cannot be opened'), false),
        )) || changed;
    }
    for (const [id, { session }] of entries) {
      if (present.has(id)) continue;
      session.close();
      entries.delete(id);
      changed = true;
    }
    if (changed) announce();
  };
  const rescan = (): Promise<void> => {
    scanning = scanning.then(scan);
    return scanning;
  };
  const get = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined)
      throw new ServiceError('UnknownCluster', `There is no cluster ${JSON.stringify(id)} here.`);
    return entry;
  };

  return {
    list: () => [...entries.values()].sort((left, right) => left.addedAt - right.addedAt),
    get,
    async import(name, kubeconfig, context) {
      const access = readAccess(kubeconfig, context);
      let id = slugOf(name);
      for (let copy = 2; await exists(join(folder, id)); copy++) id = `${slugOf(name)}-${copy}`;
      await mkdir(join(folder, id), { recursive: true, mode: 0o700 });
      await writeJsonFile(pathOf(id, 'console.json'), { name, addedAt: clock.now() });
      await replaceFile(pathOf(id, 'kubeconfig'), formatKubeconfig(id, access));
      await rescan();
      return get(id);
    },
    async rename(id, name) {
      const { addedAt } = get(id);
      await writeJsonFile(pathOf(id, 'console.json'), { name, addedAt });
      await rescan();
      return get(id);
    },
    async remove(id) {
      const { origin } = get(id);
      // A cluster we built keeps its keys, set aside: without them it could never be changed or taken apart again.
      if (origin === 'imported') await rm(join(folder, id), { recursive: true });
      else {
        await mkdir(join(home, 'removed'), { recursive: true, mode: 0o700 });
        await rename(join(folder, id), join(home, 'removed', `${id}-${clock.now()}`));
      }
      await rescan();
    },
    kubeconfigOf: (id) => readFile(pathOf(get(id).id, 'kubeconfig'), 'utf8'),
    rescan,
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async run(signal) {
      while (!signal.aborted) {
        await rescan().catch((err: unknown) => logger.error({ err }, 'the clusters folder cannot be read'));
        await clock.sleep(rescanMs, signal);
      }
    },
    close() {
      for (const { session } of entries.values()) session.close();
      entries.clear();
    },
  };
}
