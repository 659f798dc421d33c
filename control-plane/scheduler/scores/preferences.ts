// What the pod would rather have: nodes of preferred node affinity, nodes without PreferNoSchedule taints, and nodes
// that already hold its images.
import { tolerates } from '../filters/tolerations.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import { maxScore, scaleToLargest } from './score.ts';
import type { Score } from './score.ts';

export const preferredNodes: Score = {
  name: 'NodeAffinity',
  prepare({ preferredNodeTerms }) {
    if (preferredNodeTerms.length === 0) return undefined;
    return {
      score: (node) =>
        preferredNodeTerms.reduce((sum, { term, weight }) => sum + (term(node.labels, node.name) ? weight : 0), 0),
      normalize: (figures) => scaleToLargest(figures, false),
    };
  },
};

export const preferredTaints: Score = {
  name: 'TaintToleration',
  prepare({ tolerations }, _snapshot, nodes) {
    if (!nodes.some((node) => node.taints.some(({ effect }) => effect === 'PreferNoSchedule'))) return undefined;
    return {
      score: (node) =>
        node.taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint)).length,
      normalize: (figures) => scaleToLargest(figures, true),
    };
  },
};

const megabyte = 1024 * 1024;
const smallestBytes = 23 * megabyte;
const largestPerContainerBytes = 1000 * megabyte;

/** Image names as nodes report them carry a tag. */
function withTag(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}

/** Bytes of the pod's images already on a node, less where few nodes have them (upstream's image locality). */
export const imageLocality: Score = {
  name: 'ImageLocality',
  prepare({ images }, _snapshot, nodes) {
    const wanted = images.map(withTag);
    const holders = wanted.map((image) => nodes.reduce((sum, node) => sum + (node.images.has(image) ? 1 : 0), 0));
    if (holders.every((count) => count === 0)) return undefined;
    const largestBytes = largestPerContainerBytes * Math.max(1, images.length);
    return {
      score(node: NodeInfo) {
        let bytes = 0;
        for (let i = 0; i < wanted.length; i++) {
          bytes += ((node.images.get(wanted[i] ?? '') ?? 0) * (holders[i] ?? 0)) / nodes.length;
        }
        const clamped = Math.min(Math.max(bytes, smallestBytes), largestBytes);
        return Math.floor((maxScore * (clamped - smallestBytes)) / (largestBytes - smallestBytes));
      },
    };
  },
};
