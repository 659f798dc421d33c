// The control groups that pods run in: one for each pod, under one for each class of service, under one for all pods. A
// machine that does not let the agent make them runs pods without, and says so once.
import type { Pod } from '../../../api/kinds/core/index.ts';
import { quantityToBytes, quantityToMilli } from '../../../api/meta/quantity.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { RuntimeInfo } from '../../runtime/container-runtime.ts';
import { cpuSharesOf } from '../containers/resources.ts';
import { createCgroupFiles } from './cgroup-files.ts';
import { createCgroupSlices } from './cgroup-slices.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import {
  burstableShares,
  classPaths,
  looserOf,
  podCgroupLimits,
  podCgroupPath,
  possiblePaths,
  rootPath,
} from './plan-pod-cgroup.ts';
import type { CgroupLimits } from './plan-pod-cgroup.ts';

export interface PodCgroups {
  /** Makes the pod's control group; answers what its containers are created under. */
  ensure(pod: Readonly<Pod>): Promise<string | undefined>;
  /** As `ensure`, without touching anything. */
  parentOf(pod: Readonly<Pod>): string | undefined;
  /** Lets the pod have what it had and what it will have; `ensure` then leaves it only the latter. */
  loosen(pod: Readonly<Pod>, next: Readonly<Pod>): Promise<void>;
  /** Shares the processor between the classes by what their pods ask for. */
  balance(pods: Iterable<Readonly<Pod>>): Promise<void>;
  remove(podUid: string): Promise<void>;
}

export interface PodCgroupsOptions {
  readonly allocatable: Readonly<Record<string, string>>;
  readonly podPidsLimit?: number;
  readonly logger: Logger;
}

/** Without control groups of their own, pods are limited container by container. */
const none: PodCgroups = {
  ensure: () => Promise.resolve(undefined),
  parentOf: () => undefined,
  loosen: () => Promise.resolve(),
  balance: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};

export async function createPodCgroups(
  info: Pick<RuntimeInfo, 'name' | 'cgroupDriver' | 'cgroupVersion'>,
  options: PodCgroupsOptions,
): Promise<PodCgroups> {
  if (info.name !== 'docker') return none;
  const tree = info.cgroupDriver === 'systemd' ? createCgroupSlices() : createCgroupFiles(info.cgroupVersion);
  const { allocatable, logger } = options;
  const all: CgroupLimits = {
    cpuShares: cpuSharesOf(quantityToMilli(allocatable['cpu'] ?? '0')),
    memoryBytes: quantityToBytes(allocatable['memory'] ?? '0'),
  };
  try {
    await tree.write(rootPath, all);
    await tree.write(classPaths.Burstable, { cpuShares: cpuSharesOf(0) });
    await tree.write(classPaths.BestEffort, { cpuShares: cpuSharesOf(0) });
  } catch (error) {
    logger.warn(
      { err: error },
      'pods run without control groups of their own: this machine does not let the agent make them',
    );
    return none;
  }
  return cgroupsIn(tree, options);
}

function cgroupsIn(tree: CgroupTree, { podPidsLimit }: PodCgroupsOptions): PodCgroups {
  let shares = 0;
  return {
    parentOf: (pod) => tree.parentOf(podCgroupPath(pod)),
    async ensure(pod) {
      const path = podCgroupPath(pod);
      await tree.write(path, podCgroupLimits(pod, podPidsLimit));
      return tree.parentOf(path);
    },
    async loosen(pod, next) {
      const limits = looserOf(podCgroupLimits(pod, podPidsLimit), podCgroupLimits(next, podPidsLimit));
      await tree.write(podCgroupPath(pod), limits);
    },
    async balance(pods) {
      const next = burstableShares(pods);
      if (next === shares) return;
      shares = next;
      await tree.write(classPaths.Burstable, { cpuShares: next });
    },
    async remove(podUid) {
      for (const path of possiblePaths(podUid)) await tree.remove(path);
    },
  };
}
