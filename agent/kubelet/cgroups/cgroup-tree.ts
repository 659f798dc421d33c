// Where pods' control groups are kept: in files that this agent writes, or with systemd, as the Engine's driver demands.
import type { CgroupLimits, CgroupPath } from './plan-pod-cgroup.ts';

export interface CgroupTree {
  /** What the Engine takes as the parent of a container's control group. Pure. */
  parentOf(path: CgroupPath): string;
  /** Makes the control group and sets all its limits; what is not given is unlimited. Idempotent. */
  write(path: CgroupPath, limits: CgroupLimits): Promise<void>;
  /** Removes an empty control group. Idempotent. */
  remove(path: CgroupPath): Promise<void>;
}
