// Tells a pod's owner that the kernel refused it processes: a fork bomb, or a limit that is too low. The kernel counts the
// refusals in the control groups of the container and of its pod; nothing is asked of Docker.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { fieldPathOf } from '../parts.ts';
import type { KubeletParts } from '../parts.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import { cgroupPlace } from '../stats/cgroup.ts';

export interface ForkWatch {
  /** Looks at every running container once. */
  check(): Promise<void>;
}

interface Watched {
  readonly folders: readonly string[];
  refused: number;
}

export function createForkWatch(parts: Pick<KubeletParts, 'observations' | 'record'>, manager: PodManager): ForkWatch {
  const watched = new Map<string, Watched>();
  return {
    async check() {
      const running = parts.observations
        .all()
        .filter(({ kind, state, pid }) => kind === 'container' && state === 'running' && pid > 0);
      const ids = new Set(running.map(({ id }) => id));
      for (const id of watched.keys()) if (!ids.has(id)) watched.delete(id);
      for (const { id, pid, podUid, containerName } of running) {
        const known = watched.get(id) ?? { folders: await pidsFolders(pid), refused: 0 };
        watched.set(id, known);
        const refused = (await Promise.all(known.folders.map(refusals))).reduce((sum, count) => sum + count, 0);
        const pod = manager.record(podUid)?.pod;
        if (refused > known.refused && pod !== undefined)
          parts.record(
            pod,
            'Warning',
            'PidsLimitReached',
            sentence(pod, containerName, refused - known.refused, await limitOf(known.folders)),
            fieldPathOf(pod, containerName),
          );
        known.refused = refused;
      }
    },
  };
}

function sentence(pod: Readonly<Pod>, container: string, times: number, limit: string): string {
  const what = `Container ${container} could not start processes (refused ${times} times)`;
  return `${what}: pod ${pod.metadata.name} is at its limit of ${limit} processes.`;
}

/** The container's folder, and its pod's, where newer kernels count what the pod's limit refused. */
async function pidsFolders(pid: number): Promise<string[]> {
  const place = cgroupPlace(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''));
  return place === undefined ? [] : [place.pids, dirname(place.pids)];
}

async function refusals(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'pids.events'), 'utf8').catch(() => ''); // it ended meanwhile
  return Number(/^max (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** The tightest of their limits. */
async function limitOf(folders: readonly string[]): Promise<string> {
  const limits = await Promise.all(
    folders.map((folder) => readFile(join(folder, 'pids.max'), 'utf8').catch(() => 'max')),
  );
  const least = Math.min(...limits.map((text) => (text.trim() === 'max' ? Infinity : Number(text))));
  return Number.isFinite(least) ? String(least) : 'unknown';
}
