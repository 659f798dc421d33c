// Which pod has to go when the machine runs short. Pure. Upstream's order: pods that use more than they asked for first,
// then by priority, then by how far above their request they are. Critical pods stay.
import type { Pod } from '../../../api/kinds/core/index.ts';
import { quantityToBytes } from '../../../api/meta/quantity.ts';
import { isCritical } from '../admission/plan-admission.ts';
import type { CrossedThreshold } from './pressure.ts';
import { resourceOf } from './thresholds.ts';

export interface PodUsage {
  readonly pod: Readonly<Pod>;
  /** Of process ids: how many. */
  readonly usedBytes: number;
}

export type ShortResource = ReturnType<typeof resourceOf>;

/** The pod to evict first; undefined when none may be. */
export function chooseVictim(candidates: readonly PodUsage[], resource: ShortResource): PodUsage | undefined {
  const evictable = candidates.filter(({ pod }) => !isCritical(pod));
  return [...evictable].sort((a, b) => compare(a, b, resource))[0];
}

function compare(a: PodUsage, b: PodUsage, resource: ShortResource): number {
  const [aboveA, aboveB] = [above(a, resource), above(b, resource)];
  if (aboveA > 0 !== aboveB > 0) return aboveA > 0 ? -1 : 1;
  return (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) || aboveB - aboveA;
}

function above({ pod, usedBytes }: PodUsage, resource: ShortResource): number {
  return usedBytes - requestedBytes(pod, resource);
}

export function requestedBytes(pod: Readonly<Pod>, resource: ShortResource): number {
  if (resource === 'pids') return 0;
  return pod.spec.containers.reduce(
    (sum, { resources }) => sum + quantityToBytes(resources?.requests?.[resource] ?? '0'),
    0,
  );
}

/** The sentence for the pod's status. */
export function evictionMessage({ pod, usedBytes }: PodUsage, { threshold, supply }: CrossedThreshold): string {
  const resource = resourceOf(threshold.signal);
  const isCount = resource === 'pids' || threshold.signal.endsWith('inodesFree');
  const available = isCount ? String(supply.available) : mebibytes(supply.available, Math.floor);
  const shortage = `The node was low on resource: ${resource}. Threshold quantity: ${threshold.quantity}, available: ${available}.`;
  if (resource === 'pids') return `${shortage} The pod had ${usedBytes} processes.`;
  const requested = mebibytes(requestedBytes(pod, resource), Math.ceil);
  return `${shortage} The pod was using ${mebibytes(usedBytes, Math.ceil)}, request is ${requested}.`;
}

function mebibytes(bytes: number, round: (value: number) => number): string {
  return `${round(bytes / 1024 / 1024)}Mi`;
}

/** What a pod keeps on this machine's disk, in bytes. */
export interface PodDiskUsage {
  /** Per emptyDir volume. */
  readonly volumes: ReadonlyMap<string, number>;
  /** Per container: what it wrote over its image, and its log. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Why a pod breaks its own limits of local storage; undefined when it keeps them. */
export function storageExcess(pod: Readonly<Pod>, usage: PodDiskUsage): string | undefined {
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limitBytes = emptyDir?.sizeLimit === undefined ? 0 : quantityToBytes(emptyDir.sizeLimit);
    if (limitBytes > 0 && (usage.volumes.get(name) ?? 0) > limitBytes) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit}".`;
    }
  }
  let podLimitBytes = 0;
  let isLimited = pod.spec.containers.length > 0;
  for (const { name, resources } of pod.spec.containers) {
    const limit = resources?.limits?.['ephemeral-storage'];
    isLimited &&= limit !== undefined;
    if (limit === undefined) continue;
    podLimitBytes += quantityToBytes(limit);
    if ((usage.containers.get(name) ?? 0) > quantityToBytes(limit)) {
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}".`;
    }
  }
  const total = [...usage.volumes.values(), ...usage.containers.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (isLimited && total > podLimitBytes)
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${podLimitBytes}.`;
  return undefined;
}

/** Whether a pod has any limit of local storage, so that measuring it is worth the effort. */
export function limitsStorage(pod: Readonly<Pod>): boolean {
  const volumes = (pod.spec.volumes ?? []).some(
    ({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== 'Memory',
  );
  return volumes || pod.spec.containers.some(({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined);
}
