// A pod's volumes as paths on this machine: prepared before its containers start, refreshed while they run, removed with
// the pod. Kinds that need a storage driver are refused with a sentence. Idempotent throughout.
import { chmod, chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod, Volume } from '../../api/kinds/core/index.ts';
import { quantityToBytes } from '../../api/meta/quantity.ts';
import { ConfigurationError } from '../kubelet/containers/environment.ts';
import { podPaths } from '../kubelet/pods/pod-paths.ts';
import { writePayload } from './atomic-writer.ts';
import { checkHostPath } from './host-path.ts';
import { mountMemory, mountNfs, mountPoints, unmountUnder } from './mounts.ts';
import { resolveClaim } from './persistent.ts';
import type { ClaimLookUp } from './persistent.ts';
import { commonUser, payloadOfVolume } from './sources.ts';
import type { SourceFacts } from './sources.ts';

export interface PreparedVolume {
  readonly path: string;
  readonly readOnly: boolean;
  /** Groups that its files belong to. */
  readonly groups: readonly number[];
}

export interface PodVolumes {
  /** Makes every volume of the pod. Rejects with what the FailedMount event should say. */
  prepare(pod: Readonly<Pod>, facts: SourceFacts): Promise<ReadonlyMap<string, PreparedVolume>>;
  /** Rewrites what follows objects of the API, tokens and the pod's own labels. */
  refresh(pod: Readonly<Pod>, facts: SourceFacts): Promise<void>;
  /** Gives back what the volumes of a pod that is over hold; the rest of its files stays. */
  release(podUid: string): Promise<void>;
  /** Removes all files of the pod. */
  remove(podUid: string): Promise<void>;
}

export function createPodVolumes({ dataDir, claims }: { dataDir: string; claims: ClaimLookUp }): PodVolumes {
  const prepareOne = async (pod: Readonly<Pod>, volume: Volume, facts: SourceFacts): Promise<PreparedVolume> => {
    const { fsGroup } = pod.spec.securityContext ?? {};
    const path = podPaths(dataDir, pod.metadata.uid).volume(volume.name);
    const payload = await payloadOfVolume(pod, volume, facts);
    if (payload !== undefined) {
      await writePayload(path, payload, fsGroup, volume.projected === undefined ? undefined : commonUser(pod));
      return { path, readOnly: true, groups: [] };
    }
    if (volume.emptyDir !== undefined) {
      await mkdir(path, { recursive: true });
      if (volume.emptyDir.medium === 'Memory') await mountMemory(path, sizeOf(volume.emptyDir.sizeLimit));
      await openTo(path, fsGroup);
      return { path, readOnly: false, groups: [] };
    }
    if (volume.hostPath !== undefined) {
      await checkHostPath(volume.hostPath.path, volume.hostPath.type ?? '');
      return { path: volume.hostPath.path, readOnly: false, groups: [] };
    }
    if (volume.persistentVolumeClaim !== undefined) {
      const claimed = await resolveClaim(pod, volume.persistentVolumeClaim, claims, path);
      if (fsGroup !== undefined) await openTo(claimed.path, fsGroup);
      return { ...claimed, groups: [] };
    }
    if (volume.image !== undefined) {
      if (!(await mountPoints()).includes(path)) await facts.images.mount(await facts.image(volume.image), path);
      return { path, readOnly: true, groups: [] };
    }
    if (volume.nfs !== undefined) {
      await mountNfs(volume.nfs, path, []);
      return { path, readOnly: volume.nfs.readOnly === true, groups: [] };
    }
    const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
    throw new ConfigurationError(`volume "${volume.name}": volumes of kind ${kind} are not supported by this node`);
  };

  return {
    async prepare(pod, facts) {
      const volumes = pod.spec.volumes ?? [];
      const prepared = await Promise.all(
        volumes.map(async (volume): Promise<[string, PreparedVolume]> => {
          try {
            return [volume.name, await prepareOne(pod, volume, facts)];
          } catch (error) {
            const words = error instanceof Error ? error.message : String(error);
            throw new ConfigurationError(`MountVolume.SetUp failed for volume "${volume.name}" : ${words}`, {
              cause: error,
            });
          }
        }),
      );
      return new Map(prepared);
    },
    async refresh(pod, facts) {
      for (const volume of pod.spec.volumes ?? []) {
        const follows = volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected;
        if (follows !== undefined) await prepareOne(pod, volume, facts);
      }
    },
    async release(podUid) {
      const { volumes, subPaths } = podPaths(dataDir, podUid);
      for (const folder of [subPaths, volumes]) {
        if ((await stat(folder).catch(() => undefined)) === undefined) continue;
        await unmountUnder(join(folder, '/'));
        await rm(folder, { recursive: true, force: true });
      }
    },
    async remove(podUid) {
      const { root } = podPaths(dataDir, podUid);
      if ((await stat(root).catch(() => undefined)) === undefined) return;
      await unmountUnder(join(root, '/'));
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function openTo(path: string, fsGroup: number | undefined): Promise<void> {
  if (fsGroup === undefined) return chmod(path, 0o777);
  await chown(path, 0, fsGroup);
  await chmod(path, 0o2777);
}

function sizeOf(limit: string | number | undefined): number | undefined {
  const bytes = limit === undefined ? 0 : quantityToBytes(limit);
  return bytes > 0 ? bytes : undefined;
}
