// Which images to remove when the disk fills: unused ones, the longest unused first, until enough is free. Pure.
import type { RuntimeImage } from '../../runtime/container-runtime.ts';

export interface ImageGcFacts {
  readonly images: readonly RuntimeImage[];
  /** Ids of images that some container uses, running or not. */
  readonly usedIds: ReadonlySet<string>;
  /** When each image was last seen in use (or first seen at all). */
  readonly lastUsedMs: ReadonlyMap<string, number>;
  /** Names that are never removed. */
  readonly keep: (image: RuntimeImage) => boolean;
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly nowMs: number;
}

/** Upstream's defaults. */
const highShare = 0.85;
const lowShare = 0.8;
const youngestMs = 120_000;

export function planImageGc(facts: ImageGcFacts): RuntimeImage[] {
  const usedBytes = facts.totalBytes - facts.freeBytes;
  if (usedBytes < facts.totalBytes * highShare) return [];
  let toFreeBytes = usedBytes - facts.totalBytes * lowShare;
  const lastUsed = (image: RuntimeImage): number => facts.lastUsedMs.get(image.id) ?? facts.nowMs;
  const removable = facts.images
    .filter(
      (image) => !facts.usedIds.has(image.id) && !facts.keep(image) && facts.nowMs - lastUsed(image) >= youngestMs,
    )
    .sort((a, b) => lastUsed(a) - lastUsed(b));
  const chosen: RuntimeImage[] = [];
  for (const image of removable) {
    if (toFreeBytes <= 0) break;
    chosen.push(image);
    toFreeBytes -= image.sizeBytes;
  }
  return chosen;
}
