// Removes images that no container and no volume of a pod uses: the longest unused ones when the disk is filling, all of
// them when it is short.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { RuntimeImage } from '../../runtime/container-runtime.ts';
import { withTag } from '../../runtime/image-reference.ts';
import { diskFacts } from '../node/machine-facts.ts';
import type { KubeletParts } from '../parts.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import { planImageGc } from './plan-image-gc.ts';

const pauseName = 'pilothouse/pause';

export interface ImageCollector {
  /** With `all` every unused image goes, however young. */
  collect(all: boolean): Promise<void>;
}

export function createImageCollector(parts: KubeletParts, manager: PodManager): ImageCollector {
  const { runtime, observations, node, clock, logger } = parts;
  const lastUsedMs = new Map<string, number>();
  const keep = ({ tags }: RuntimeImage): boolean => tags.some((tag) => tag.startsWith(pauseName));

  return {
    async collect(all) {
      const nowMs = clock.now();
      const images = await runtime.images.list();
      const usedIds = new Set(observations.all().map(({ imageId }) => imageId));
      const mounted = new Set(manager.records().flatMap(({ pod }) => volumeImages(pod)));
      for (const { id, tags, digests } of images)
        if ([...tags, ...digests].some((name) => mounted.has(name))) usedIds.add(id);
      const present = new Set(images.map(({ id }) => id));
      for (const id of lastUsedMs.keys()) if (!present.has(id)) lastUsedMs.delete(id);
      for (const id of present) if (usedIds.has(id) || !lastUsedMs.has(id)) lastUsedMs.set(id, nowMs);
      const disk = await diskFacts(node.imageDir);
      const doomed = all
        ? images.filter((image) => !usedIds.has(image.id) && !keep(image))
        : planImageGc({ images, usedIds, lastUsedMs, keep, ...disk, nowMs });
      for (const image of doomed) {
        const name = image.tags[0] ?? image.id;
        logger.info({ image: name, bytes: image.sizeBytes }, 'removing an unused image: the disk is filling');
        await runtime.images
          .remove(image.id)
          .catch((error: unknown) => logger.warn({ err: error, image: name }, 'an image could not be removed'));
      }
    },
  };
}

/** Images whose files are mounted into the pod. */
function volumeImages({ spec }: Readonly<Pod>): string[] {
  return (spec.volumes ?? []).flatMap(({ image }) =>
    image?.reference === undefined ? [] : [withTag(image.reference)],
  );
}
