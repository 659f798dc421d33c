// How much of the disk a pod holds: its emptyDir volumes, what its containers wrote over their images and into volumes that
// the images declare, and their logs, rotated ones too. Measured by du, one process per pod, only when somebody asks.
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import { podPaths } from '../pods/pod-paths.ts';
import type { PodDiskUsage } from './plan-eviction.ts';

const run = promisify(execFile);
const bytesPerBlock = 1024;

export async function podDiskUsage(
  pod: Readonly<Pod>,
  containers: readonly ObservedContainer[],
  dataDir: string,
): Promise<PodDiskUsage> {
  const paths = podPaths(dataDir, pod.metadata.uid);
  const volumes = (pod.spec.volumes ?? []).filter(
    ({ emptyDir }) => emptyDir !== undefined && emptyDir.medium !== 'Memory',
  );
  const places = new Map<string, { kind: 'volume' | 'container'; name: string }>();
  for (const { name } of volumes) places.set(paths.volume(name), { kind: 'volume', name });
  for (const { containerName: name, writablePath, logPath, imageVolumePaths = [] } of containers) {
    const own = [writablePath, logPath === undefined ? undefined : dirname(logPath), ...imageVolumePaths];
    for (const path of own) if (path !== undefined) places.set(path, { kind: 'container', name });
  }
  const usage = { volume: new Map<string, number>(), container: new Map<string, number>() };
  for (const [path, bytes] of await sizes([...places.keys()])) {
    const place = places.get(path);
    if (place !== undefined) usage[place.kind].set(place.name, (usage[place.kind].get(place.name) ?? 0) + bytes);
  }
  return { volumes: usage.volume, containers: usage.container };
}

/** Bytes on disk per path; what is not there is left out. */
async function sizes(paths: readonly string[]): Promise<[string, number][]> {
  if (paths.length === 0) return [];
  // du fails when one path is missing or vanishes, and still prints the others.
  const { stdout } = await run('du', ['-s', '-x', '-k', '--', ...paths]).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }));
  return stdout.split('\n').flatMap((line): [string, number][] => {
    const [, blocks, path] = /^(\d+)\t(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [[path, Number(blocks) * bytesPerBlock]];
  });
}
