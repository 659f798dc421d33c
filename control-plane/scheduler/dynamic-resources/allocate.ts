// Finds devices for claims on one node: an exhaustive search, request after request and device after device in a fixed
// order, that takes the first solution. The same input gives the same devices. Nothing is changed outside; a search that
// goes on for too long ends as one that found nothing.
import type {
  AllocationResult,
  CounterSet,
  DeviceClaim,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
} from '../../../api/kinds/resource/index.ts';
import { quantityToNumber } from '../../../api/meta/quantity.ts';
import type { Constraint } from './constraints.ts';
import { createConstraint } from './constraints.ts';
import type { DeviceNode, DevicePool, PooledDevice } from './device-pools.ts';
import type { DeviceLedger } from './ledger.ts';
import { allocationResultOf } from './allocation-result.ts';
import type { ChosenDevice } from './allocation-result.ts';

const mostSteps = 20_000;
const mostDevicesPerClaim = 32;

/** One way of meeting a request: itself, or one of its alternatives. */
interface Ask {
  /** `request`, or `request/alternative`. */
  readonly name: string;
  readonly request: Readonly<ExactDeviceRequest | DeviceSubRequest>;
  readonly isAdmin: boolean;
}

class TooLong extends Error {}

/** Devices for every claim, or undefined when the node's do not suffice. Errors are words for the pod's condition. */
export function allocateDevices(
  claims: readonly Readonly<ResourceClaim>[],
  node: DeviceNode,
  ledger: DeviceLedger,
): AllocationResult[] | undefined {
  const pools = ledger.sources.pools().of(node);
  const search = new DeviceSearch(pools, ledger);
  try {
    const chosen = search.run(claims.map(({ spec }) => spec.devices ?? {}));
    return chosen?.map((devices, i) =>
      allocationResultOf(claims[i]?.spec.devices ?? {}, devices, node, ledger.sources),
    );
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

/** The ways of meeting each request of a claim. */
export function asksOf(claim: Readonly<DeviceClaim>): Ask[][] {
  return (claim.requests ?? []).map(({ name, exactly, firstAvailable }) => {
    if (exactly) return [{ name, request: exactly, isAdmin: exactly.adminAccess ?? false }];
    return (firstAvailable ?? []).map((request) => ({ name: `${name}/${request.name}`, request, isAdmin: false }));
  });
}

class DeviceSearch {
  readonly #pools: readonly DevicePool[];
  readonly #ledger: DeviceLedger;
  readonly #accepted = new Map<object, PooledDevice[]>();
  readonly #taken = new Set<string>();
  #steps = 0;

  constructor(pools: readonly DevicePool[], ledger: DeviceLedger) {
    this.#pools = pools;
    this.#ledger = ledger;
  }

  run(claims: readonly Readonly<DeviceClaim>[]): ChosenDevice[][] | undefined {
    const chosen: ChosenDevice[][] = claims.map(() => []);
    const todo = claims.flatMap((claim, i) => {
      const constraints = (claim.constraints ?? []).map(createConstraint);
      return asksOf(claim).map((asks) => ({ asks, constraints, into: chosen[i] ?? [] }));
    });
    const from = (at: number): boolean => {
      const next = todo[at];
      if (next === undefined) return true;
      return next.asks.some((ask) => this.#meet(ask, next.constraints, next.into, () => from(at + 1)));
    };
    return from(0) ? chosen : undefined;
  }

  /** Meets one request in some way with which the rest can be met as well. */
  #meet(ask: Ask, constraints: readonly Constraint[], into: ChosenDevice[], rest: () => boolean): boolean {
    const candidates = this.#candidates(ask);
    const isAll = ask.request.allocationMode === 'All';
    if (isAll && (candidates.length === 0 || this.#pools.some(({ isUnusable }) => isUnusable))) return false;
    const count = isAll ? candidates.length : (ask.request.count ?? 1);
    const choose = (start: number, left: number): boolean => {
      if (left === 0) return rest();
      for (let i = start; i <= candidates.length - left; i++) {
        const device = candidates[i];
        if (device && this.#take(ask, device, constraints, into)) {
          if (choose(i + 1, left - 1)) return true;
          this.#putBack(ask, device, constraints, into);
        }
        if (isAll) return false; // each of them is needed
      }
      return false;
    };
    return choose(0, count);
  }

  #candidates({ request }: Ask): PooledDevice[] {
    const known = this.#accepted.get(request);
    if (known) return known;
    const selectors = [
      ...(this.#ledger.sources.deviceClass(request.deviceClassName)?.spec.selectors ?? []),
      ...(request.selectors ?? []),
    ].flatMap(({ cel }) => (cel ? [cel.expression] : []));
    const accepted = this.#pools
      .filter(({ isUnusable }) => !isUnusable)
      .flatMap(({ devices }) => devices)
      .filter((device) => selectors.every((expression) => this.#ledger.sources.matches(expression, device)));
    this.#accepted.set(request, accepted);
    return accepted;
  }

  #take(ask: Ask, device: PooledDevice, constraints: readonly Constraint[], into: ChosenDevice[]): boolean {
    if (++this.#steps > mostSteps) throw new TooLong('the search for devices takes too long');
    if (into.length >= mostDevicesPerClaim) return false;
    if (!ask.isAdmin) {
      if (this.#ledger.isTaken(device.id) || this.#taken.has(device.id)) return false;
      if (!toleratesTaints(device, ask.request.tolerations ?? []) || !this.#hasCounters(device)) return false;
    }
    const asked = constraints.findIndex((constraint) => !constraint.add(ask.name, device));
    if (asked !== -1) {
      for (const constraint of constraints.slice(0, asked)) constraint.remove(ask.name, device);
      return false;
    }
    if (!ask.isAdmin) this.#taken.add(device.id);
    into.push({ ...ask, device });
    return true;
  }

  #putBack(ask: Ask, device: PooledDevice, constraints: readonly Constraint[], into: ChosenDevice[]): void {
    into.pop();
    if (!ask.isAdmin) this.#taken.delete(device.id);
    for (const constraint of constraints) constraint.remove(ask.name, device);
  }

  /** Whether the counters that a partition draws on have enough left beside the partitions in use. */
  #hasCounters(wanted: PooledDevice): boolean {
    const needs = wanted.device.consumesCounters ?? [];
    if (needs.length === 0) return true;
    const pool = this.#pools.find(({ id }) => id === `${wanted.driver}/${wanted.pool}`);
    if (!pool) return false;
    const inUse = [...pool.all.values()].filter(({ id }) => this.#ledger.isTaken(id) || this.#taken.has(id));
    return needs.every(({ counterSet, counters }) => {
      const set = pool.counterSets.find(({ name }) => name === counterSet);
      return Object.entries(counters).every(
        ([name, { value }]) => quantityToNumber(value) <= counterLeft(set, name, counterSet, inUse),
      );
    });
  }
}

function counterLeft(
  set: Readonly<CounterSet> | undefined,
  name: string,
  setName: string,
  inUse: readonly PooledDevice[],
): number {
  const total = set?.counters[name]?.value;
  if (total === undefined) return -1;
  const drawn = inUse
    .flatMap(({ device }) => device.consumesCounters ?? [])
    .filter(({ counterSet }) => counterSet === setName)
    .reduce((sum, { counters }) => sum + quantityToNumber(counters[name]?.value ?? '0'), 0);
  return quantityToNumber(total) - drawn;
}

function toleratesTaints(
  { device }: PooledDevice,
  tolerations: NonNullable<ExactDeviceRequest['tolerations']>,
): boolean {
  return (device.taints ?? []).every(
    ({ key, value, effect }) =>
      effect === 'None' ||
      tolerations.some(
        (one) =>
          (!one.effect || one.effect === effect) &&
          (!one.key || one.key === key) &&
          (one.operator === 'Exists' || (one.value ?? '') === (value ?? '')),
      ),
  );
}
