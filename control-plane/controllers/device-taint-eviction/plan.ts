// When the users of a claim must go because a driver says that a device of theirs is no longer fit. Pure; the rules of
// upstream's device taint eviction.
import type { DeviceToleration, ResourceClaim, ResourceSlice } from '../../../api/kinds/resource/index.ts';
import { deviceId } from '../../scheduler/dynamic-resources/device-pools.ts';

type DeviceTaint = NonNullable<NonNullable<ResourceSlice['spec']['devices']>[number]['taints']>[number];

/** The taints that evict, by device, as the newest generation of each pool has them. */
export function evictingTaints(
  slices: readonly Readonly<ResourceSlice>[],
): ReadonlyMap<string, readonly Readonly<DeviceTaint>[]> {
  const newest = new Map<string, number>();
  const poolOf = ({ spec }: Readonly<ResourceSlice>): string => `${spec.driver}/${spec.pool.name}`;
  for (const slice of slices)
    newest.set(poolOf(slice), Math.max(newest.get(poolOf(slice)) ?? -1, slice.spec.pool.generation));
  const taints = new Map<string, readonly Readonly<DeviceTaint>[]>();
  for (const slice of slices) {
    const { driver, pool, devices = [] } = slice.spec;
    if (pool.generation !== newest.get(poolOf(slice))) continue;
    for (const device of devices) {
      const evicting = (device.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
      if (evicting.length > 0) taints.set(deviceId(driver, pool.name, device.name), evicting);
    }
  }
  return taints;
}

/** When the claim's users must leave; undefined while they may stay. */
export function planDeviceEvictionMs(
  claim: Readonly<ResourceClaim>,
  taints: ReadonlyMap<string, readonly Readonly<DeviceTaint>[]>,
): number | undefined {
  let leaveMs: number | undefined;
  for (const { driver, pool, device, tolerations = [] } of claim.status?.allocation?.devices?.results ?? []) {
    for (const taint of taints.get(deviceId(driver, pool, device)) ?? []) {
      const matching = tolerations.filter((toleration) => toleratesDevice(toleration, taint));
      if (matching.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) continue;
      const staySeconds = matching.map(({ tolerationSeconds = 0 }) => Math.max(tolerationSeconds, 0));
      const sinceMs = taint.timeAdded ? Date.parse(taint.timeAdded) : 0;
      const atMs = sinceMs + (staySeconds.length === 0 ? 0 : Math.min(...staySeconds) * 1000);
      leaveMs = Math.min(leaveMs ?? Infinity, atMs);
    }
  }
  return leaveMs;
}

/** Whether a toleration of a request covers a device's taint. */
function toleratesDevice(toleration: Readonly<DeviceToleration>, taint: Readonly<DeviceTaint>): boolean {
  const { effect, key, operator, value = '' } = toleration;
  return (
    (!effect || effect === taint.effect) &&
    (!key || key === taint.key) &&
    (operator === 'Exists' || value === (taint.value ?? ''))
  );
}
