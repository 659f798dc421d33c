// The devices that drivers publish, as pools: slices of the newest generation, complete or not, and which of their
// devices a node can reach. Built once for a set of slices, asked for every node. Pure.
import type { NodeSelector } from '../../../api/kinds/core/index.ts';
import type { CounterSet, Device, ResourceSlice } from '../../../api/kinds/resource/index.ts';
import { compileNodeTerm } from '../snapshot/terms.ts';

/** A node as device selection sees it. */
export interface DeviceNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A device with where it comes from. */
export interface PooledDevice {
  /** `driver/pool/device`. */
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: Readonly<Device>;
  readonly slice: Readonly<ResourceSlice>;
}

/** A pool as one node sees it. */
export interface DevicePool {
  readonly id: string;
  /** Slices are missing, or two devices have one name: nothing is taken from it. */
  readonly isUnusable: boolean;
  readonly devices: readonly PooledDevice[];
  readonly counterSets: readonly CounterSet[];
  /** Every device of the pool by id, also those of other nodes: they draw on the same counters. */
  readonly all: ReadonlyMap<string, PooledDevice>;
}

interface WholePool {
  readonly id: string;
  readonly slices: readonly Readonly<ResourceSlice>[];
  readonly isUnusable: boolean;
  readonly counterSets: readonly CounterSet[];
  readonly all: ReadonlyMap<string, PooledDevice>;
}

export interface DevicePools {
  /** The pools that have a device for this node. */
  of(node: DeviceNode): DevicePool[];
}

/** Names a device among all. */
export function deviceId(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`;
}

/** Sorts slices into pools. */
export function createDevicePools(slices: readonly Readonly<ResourceSlice>[]): DevicePools {
  const byNode = new Map<string, Set<WholePool>>();
  const shared: WholePool[] = [];
  for (const pool of newestPools(slices)) {
    const names = pool.slices.map(({ spec }) => spec.nodeName);
    if (names.some((name) => !name)) shared.push(pool);
    else
      for (const name of names) {
        const pools = byNode.get(name ?? '') ?? new Set();
        byNode.set(name ?? '', pools.add(pool));
      }
  }
  return {
    of: (node) =>
      [...(byNode.get(node.name) ?? []), ...shared].flatMap((pool) => {
        const devices = pool.slices.flatMap((slice) => devicesFor(slice, pool, node));
        const { id, isUnusable, counterSets, all } = pool;
        return devices.length > 0 ? [{ id, isUnusable, devices, counterSets, all }] : [];
      }),
  };
}

function newestPools(slices: readonly Readonly<ResourceSlice>[]): WholePool[] {
  const groups = new Map<string, Readonly<ResourceSlice>[]>();
  for (const slice of slices) {
    const id = `${slice.spec.driver}/${slice.spec.pool.name}`;
    const group = groups.get(id) ?? [];
    const known = group[0]?.spec.pool.generation ?? -1;
    const { generation } = slice.spec.pool;
    if (generation > known) groups.set(id, [slice]);
    else if (generation === known) group.push(slice);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, group]) => wholePool(id, group));
}

function wholePool(id: string, group: readonly Readonly<ResourceSlice>[]): WholePool {
  const slices = [...group].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const all = new Map<string, PooledDevice>();
  let count = 0;
  for (const slice of slices) {
    for (const device of slice.spec.devices ?? []) {
      const { driver, pool } = slice.spec;
      const one = { id: deviceId(driver, pool.name, device.name), driver, pool: pool.name, device, slice };
      all.set(one.id, one);
      count++;
    }
  }
  const isComplete = slices.length === slices[0]?.spec.pool.resourceSliceCount;
  const counterSets = slices.flatMap(({ spec }) => spec.sharedCounters ?? []);
  return { id, slices, isUnusable: !isComplete || all.size < count, counterSets, all };
}

function devicesFor({ spec }: Readonly<ResourceSlice>, pool: WholePool, node: DeviceNode): PooledDevice[] {
  const reaches = (where: {
    readonly nodeName?: string;
    readonly allNodes?: boolean;
    readonly nodeSelector?: NodeSelector;
  }): boolean => {
    if (where.nodeName) return where.nodeName === node.name;
    if (where.allNodes) return true;
    return where.nodeSelector !== undefined && matchesNode(where.nodeSelector, node);
  };
  if (!spec.perDeviceNodeSelection && !reaches(spec)) return [];
  return (spec.devices ?? []).flatMap((device) => {
    if (spec.perDeviceNodeSelection && !reaches(device)) return [];
    return pool.all.get(deviceId(spec.driver, spec.pool.name, device.name)) ?? [];
  });
}

/** Whether a node selector accepts a node. */
export function matchesNode(selector: Readonly<NodeSelector>, node: DeviceNode): boolean {
  return (selector.nodeSelectorTerms ?? []).some((term) => compileNodeTerm(term)(node.labels, node.name));
}
