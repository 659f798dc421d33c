// The control group of a pod: which class of service it is under and what all its containers together may use. Pure;
// upstream's ResourceConfigForPod and its cgroup names.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { cpuSharesOf, quotaMicrosOf } from '../containers/resources.ts';
import { podLimits, podRequests } from '../admission/pod-requests.ts';
import { qosClassOf } from '../plan/qos.ts';

export interface CgroupLimits {
  readonly cpuShares?: number;
  readonly cpuQuotaMicros?: number;
  readonly memoryBytes?: number;
  readonly pids?: number;
}

/** Names from the root down, such as `kubepods`, `burstable`, `podUID`. */
export type CgroupPath = readonly string[];

export const rootPath: CgroupPath = ['kubepods'];
export const classPaths = {
  Guaranteed: rootPath,
  Burstable: [...rootPath, 'burstable'],
  BestEffort: [...rootPath, 'besteffort'],
} as const satisfies Record<string, CgroupPath>;

export function podCgroupPath(pod: Readonly<Pod>): CgroupPath {
  return [...classPaths[pod.status?.qosClass ?? qosClassOf(pod)], `pod${pod.metadata.uid}`];
}

/** Everywhere that the pod's control group can be, when only its uid is known. */
export function possiblePaths(podUid: string): CgroupPath[] {
  return Object.values(classPaths).map((path) => [...path, `pod${podUid}`]);
}

export function podCgroupLimits(pod: Readonly<Pod>, podPidsLimit: number | undefined): CgroupLimits {
  const pids = podPidsLimit === undefined ? {} : { pids: podPidsLimit };
  if (qosClassOf(pod) === 'BestEffort') return { cpuShares: cpuSharesOf(0), ...pids };
  const limits = podLimits(pod);
  // One container without a limit leaves the pod without one.
  const isLimited = (name: string): boolean =>
    pod.spec.resources?.limits?.[name] !== undefined ||
    everyContainer(pod, (one) => one.resources?.limits?.[name] !== undefined);
  const [cpuMilli = 0, memoryBytes = 0] = [limits.get('cpu'), limits.get('memory')];
  return {
    cpuShares: cpuSharesOf(podRequests(pod).get('cpu') ?? 0),
    ...(isLimited('cpu') && cpuMilli > 0 && { cpuQuotaMicros: quotaMicrosOf(cpuMilli) }),
    ...(isLimited('memory') && memoryBytes > 0 && { memoryBytes }),
    ...pids,
  };
}

/** Limits that neither the old nor the new ones forbid: what a pod has while it changes from one to the other. */
export function looserOf(a: CgroupLimits, b: CgroupLimits): CgroupLimits {
  const most = (name: keyof CgroupLimits): Partial<Record<keyof CgroupLimits, number>> => {
    const [x, y] = [a[name], b[name]];
    return x === undefined || y === undefined ? {} : { [name]: Math.max(x, y) };
  };
  return { ...most('cpuShares'), ...most('cpuQuotaMicros'), ...most('memoryBytes'), ...most('pids') };
}

/** What the burstable pods together ask of the processor, against the other classes. */
export function burstableShares(pods: Iterable<Readonly<Pod>>): number {
  let milli = 0;
  for (const pod of pods) if (qosClassOf(pod) === 'Burstable') milli += podRequests(pod).get('cpu') ?? 0;
  return cpuSharesOf(milli);
}

function everyContainer({ spec }: Readonly<Pod>, holds: (container: Container) => boolean): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].every(holds);
}
