// A claim whose requests name alternatives prefers nodes that meet them with the earlier ones (upstream's prioritized
// list of dynamic resources).
import type { AllocationResult, ResourceClaim } from '../../../api/kinds/resource/index.ts';
import { openClaimsOf, planAllocations } from '../filters/dynamic-resources.ts';
import { scaleToLargest } from './score.ts';
import type { Score } from './score.ts';

/** As many alternatives as one request may have. */
const mostAlternatives = 8;

export const prioritizedDevices: Score = {
  name: 'DynamicResources',
  prepare(pod, snapshot) {
    if (!pod.pod.spec.resourceClaims?.length) return undefined;
    // What is allocated already is the same for every node.
    const open = openClaimsOf(pod, snapshot);
    const hasAlternatives = open.some(({ spec }) =>
      spec.devices?.requests?.some(({ firstAvailable }) => firstAvailable),
    );
    if (!hasAlternatives) return undefined;
    return {
      score(node) {
        const allocations = planAllocations(pod, node, snapshot);
        return open.reduce((sum, claim) => {
          const allocation = allocations.get(`${pod.namespace}/${claim.metadata.name}`);
          return sum + (allocation ? worthOf(claim, allocation) : 0);
        }, 0);
      },
      normalize: (figures) => scaleToLargest(figures, false),
    };
  },
};

/** More for each request the earlier the alternative that meets it. */
function worthOf({ spec }: Readonly<ResourceClaim>, { devices }: Readonly<AllocationResult>): number {
  const met = new Set((devices?.results ?? []).map(({ request }) => request));
  let worth = 0;
  for (const { name, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const at = firstAvailable.findIndex((alternative) => met.has(`${name}/${alternative.name}`));
    if (at >= 0) worth += mostAlternatives - at;
  }
  return worth;
}
