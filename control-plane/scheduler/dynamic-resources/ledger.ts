// Which devices are given away: what claims say, and what was decided and is still on its way to the API. A copy may be
// changed without touching the original: for rehearsals.
import type { AllocationResult, ResourceClaim } from '../../../api/kinds/resource/index.ts';
import type { DevicePools, PooledDevice } from './device-pools.ts';
import { deviceId } from './device-pools.ts';

type ClassOf = (name: string) => { readonly spec: ClassSpec } | undefined;
interface ClassSpec {
  readonly selectors?: readonly { readonly cel?: { readonly expression: string } }[];
  readonly config?: readonly { readonly opaque?: { driver: string; parameters: unknown } }[];
}

/** Where claims, classes and pools are looked up; answers belong to the snapshot's moment. */
export interface DeviceSources {
  claim(key: string): Readonly<ResourceClaim> | undefined;
  deviceClass: ClassOf;
  pools(): DevicePools;
  /** Whether a selector's CEL expression accepts a device; throws when it cannot be evaluated. */
  matches(expression: string, device: PooledDevice): boolean;
}

const nothing: DeviceSources = {
  claim: () => undefined,
  deviceClass: () => undefined,
  pools: () => ({ of: () => [] }),
  matches: () => false,
};

export class DeviceLedger {
  sources: DeviceSources = nothing;
  /** Claim key → the devices that it holds alone. */
  readonly #held = new Map<string, readonly string[]>();
  readonly #assumed = new Map<string, Readonly<AllocationResult>>();
  readonly #holders = new Map<string, number>();
  /** In rehearsals: claims as if nobody used them and nothing were allocated for them. */
  readonly #released = new Set<string>();

  /** The claim as decided: with an allocation that the API may not show yet. */
  claim(key: string): Readonly<ResourceClaim> | undefined {
    const known = this.sources.claim(key);
    const claim = known && this.#released.has(key) ? { ...known, status: undefined } : known;
    const allocation = this.#assumed.get(key);
    if (!claim || claim.status?.allocation || !allocation) return claim;
    return { ...claim, status: { ...claim.status, allocation: allocation as AllocationResult } };
  }

  isTaken(id: string): boolean {
    return this.#holders.has(id);
  }

  /** Takes over what a claim says; `undefined`: it is gone. What was assumed for it ends with its own word. */
  setClaim(key: string, claim: Readonly<ResourceClaim> | undefined): void {
    const allocation = claim?.status?.allocation;
    if (allocation || claim === undefined) this.#assumed.delete(key);
    this.#hold(key, allocation ?? this.#assumed.get(key));
  }

  /** An allocation that is decided and not written yet. */
  assume(key: string, allocation: Readonly<AllocationResult>): void {
    this.#assumed.set(key, allocation);
    this.#hold(key, allocation);
  }

  /** Gives up what was assumed, if the claim does not say it by now. */
  forget(key: string): void {
    if (!this.#assumed.delete(key)) return;
    this.#hold(key, this.sources.claim(key)?.status?.allocation);
  }

  /** Takes a claim's devices away and its users with them: for rehearsals. */
  release(key: string): void {
    this.#released.add(key);
    this.#assumed.delete(key);
    this.#hold(key, undefined);
  }

  clone(): DeviceLedger {
    const copy = new DeviceLedger();
    copy.sources = this.sources;
    for (const [key, ids] of this.#held) copy.#held.set(key, ids);
    for (const [key, allocation] of this.#assumed) copy.#assumed.set(key, allocation);
    for (const [id, count] of this.#holders) copy.#holders.set(id, count);
    for (const key of this.#released) copy.#released.add(key);
    return copy;
  }

  #hold(key: string, allocation: Readonly<AllocationResult> | undefined): void {
    for (const id of this.#held.get(key) ?? []) {
      const left = (this.#holders.get(id) ?? 0) - 1;
      if (left > 0) this.#holders.set(id, left);
      else this.#holders.delete(id);
    }
    const ids = (allocation?.devices?.results ?? [])
      .filter(({ adminAccess }) => !adminAccess)
      .map(({ driver, pool, device }) => deviceId(driver, pool, device));
    for (const id of ids) this.#holders.set(id, (this.#holders.get(id) ?? 0) + 1);
    if (ids.length > 0) this.#held.set(key, ids);
    else this.#held.delete(key);
  }
}
