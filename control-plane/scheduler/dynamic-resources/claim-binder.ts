// Writes a placed pod's claims before it is bound: the devices that were chosen, and that the pod uses them. A claim that
// changed meanwhile answers Conflict: the pod is then placed anew.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { AllocationResult, ResourceClaim } from '../../../api/kinds/resource/index.ts';
import { resourceClaims } from '../../../api/kinds/resource/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { DeviceLedger } from './ledger.ts';
import { claimFinalizer, consumerOf, isReservedFor, podClaimsOf } from './pod-claims.ts';

export interface ClaimBinder {
  /** Resolves when every claim of the pod is allocated and reserved for it; what failed is no longer assumed. */
  reserve(pod: Readonly<Pod>, allocations: ReadonlyMap<string, AllocationResult>): Promise<void>;
}

interface ClaimBinderOptions {
  readonly client: RestClient;
  readonly ledger: DeviceLedger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export function createClaimBinder({ client, ledger, clock, signal }: ClaimBinderOptions): ClaimBinder {
  const write = async (
    pod: Readonly<Pod>,
    found: Readonly<ResourceClaim>,
    allocation: AllocationResult | undefined,
  ): Promise<void> => {
    const api = client.resource(resourceClaims, found.metadata.namespace);
    let claim = found as ResourceClaim;
    // The finalizer first: devices must never be given to a claim that may vanish.
    if (allocation && !claim.metadata.finalizers?.includes(claimFinalizer)) {
      const finalizers = [...(claim.metadata.finalizers ?? []), claimFinalizer];
      claim = await api.update({ ...claim, metadata: { ...claim.metadata, finalizers } }, { signal });
    }
    const status = {
      ...claim.status,
      ...(allocation ? { allocation: { ...allocation, allocationTimestamp: formatTime(clock.now()) } } : {}),
      reservedFor: [...(claim.status?.reservedFor ?? []), consumerOf(pod)],
    };
    await api.updateStatus({ ...claim, status }, { signal });
  };

  return {
    async reserve(pod, allocations) {
      try {
        for (const { claimName } of podClaimsOf(pod)) {
          const key = `${pod.metadata.namespace ?? ''}/${claimName ?? ''}`;
          const claim = ledger.sources.claim(key);
          if (!claim) throw new Error(`resourceclaim ${key} is gone`);
          if (claim.status?.allocation && isReservedFor(pod, claim)) continue;
          const allocation = claim.status?.allocation ? undefined : allocations.get(key);
          if (!claim.status?.allocation && !allocation) throw new Error(`resourceclaim ${key} lost its allocation`);
          await write(pod, claim, allocation);
        }
      } catch (error) {
        for (const key of allocations.keys()) ledger.forget(key);
        throw error;
      }
    },
  };
}
