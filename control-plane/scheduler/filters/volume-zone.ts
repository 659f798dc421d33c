// A pod goes to the zone that its bound volumes are labelled with: how volumes said where they are before they had a node
// affinity, and still do where a driver labels them. A node without any label of a place is not held to it, as upstream.
import { claimsOf, isBound } from '../snapshot/claims.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import { wrongZone } from '../snapshot/volume-zones.ts';
import type { Sentence } from '../sentences.ts';
import { constantRefusal } from './filter.ts';
import type { Filter } from './filter.ts';

const name = 'VolumeZone';
const refusal = constantRefusal(name, 'node(s) had no available volume zone', false);

export const volumeZone: Filter = {
  name,
  prepare(pod, snapshot) {
    if (!pod.hasClaims) return undefined;
    const bound = claimsOf(pod.pod).flatMap((reference) => {
      const claim = snapshot.volumes.claim(`${pod.namespace}/${reference.name}`);
      const volume = claim && isBound(claim) ? snapshot.volumes.volume(claim.spec?.volumeName ?? '') : undefined;
      return volume ? [{ claim: reference.name, volume }] : [];
    });
    if (bound.length === 0) return undefined;
    const judge = (node: NodeInfo): Sentence[] =>
      bound.flatMap(({ claim, volume }) => {
        const wrong = wrongZone(volume, node);
        return wrong ? [{ key: 'volumeZone', values: { node: node.name, claim, ...wrong } }] : [];
      });
    return { check: (node) => (judge(node).length > 0 ? refusal : undefined), explain: judge };
  },
};
