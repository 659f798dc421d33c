// A node attaches only so many volumes of each CSI driver, by what its CSINode says. A volume counts once, however many
// pods use it there, and one that is there already costs nothing.
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import { claimsOf } from '../snapshot/claims.ts';
import type { VolumeLookup } from '../snapshot/claims.ts';
import type { Sentence } from '../sentences.ts';
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';

const name = 'NodeVolumeLimits';
const full = constantRefusal(name, 'node(s) exceed max volume count', true);

export const volumeLimits: Filter = {
  name,
  prepare(pod, snapshot) {
    if (!pod.hasClaims) return undefined;
    const wanted = driverVolumes(pod, snapshot.volumes);
    if (wanted.size === 0) return undefined;
    const excesses = function* (node: NodeInfo): Iterable<Sentence> {
      const limits = limitsOf(node, snapshot.volumes);
      if (limits.size === 0) return;
      const used = new Set<string>();
      for (const other of node.pods.values()) {
        if (other.hasClaims) for (const id of driverVolumes(other, snapshot.volumes).keys()) used.add(id);
      }
      for (const [driver, limit] of limits) {
        const isOf = (id: string): boolean => id.startsWith(`${driver}/`);
        const fresh = [...wanted.keys()].filter((id) => isOf(id) && !used.has(id)).length;
        const attached = [...used].filter(isOf).length;
        if (fresh > 0 && attached + fresh > limit)
          yield { key: 'volumeLimit', values: { node: node.name, driver, limit, attached, wanted: fresh } };
      }
    };
    return {
      check(node) {
        for (const _ of excesses(node)) return full;
        return undefined;
      },
      explain: (node) => [...excesses(node)],
    };
  },
};

function limitsOf(node: NodeInfo, lookup: VolumeLookup): Map<string, number> {
  const limits = new Map<string, number>();
  for (const { name: driver, allocatable } of lookup.csiNode(node.name)?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(driver, allocatable.count);
  }
  return limits;
}

/** The CSI volumes of a pod as `driver/volume`; one that is still to be made is known by its claim. */
function driverVolumes(pod: PodInfo, lookup: VolumeLookup): Map<string, string> {
  const volumes = new Map<string, string>();
  for (const reference of claimsOf(pod.pod)) {
    const key = `${pod.namespace}/${reference.name}`;
    const claim = lookup.claim(key);
    const csi = claim?.spec?.volumeName ? lookup.volume(claim.spec.volumeName)?.spec?.csi : undefined;
    if (csi) volumes.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    else if (claim && !claim.spec?.volumeName) {
      const driver = lookup.storageClass(claim.spec?.storageClassName ?? '')?.provisioner;
      if (driver) volumes.set(`${driver}/claim:${key}`, driver);
    }
  }
  return volumes;
}
