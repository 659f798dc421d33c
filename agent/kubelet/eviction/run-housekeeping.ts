// Keeps the node alive when it runs short: unused images go when the disk fills; then, and when memory is short, one pod
// at a time is ended with the reason in its status; pods that break their own storage limits are ended as well.
import { readFile } from 'node:fs/promises';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { withTag } from '../../runtime/image-reference.ts';
import { allocatedPod } from '../admission/admit-pod.ts';
import type { KubeletParts } from '../parts.ts';
import { planImageGc } from '../images/plan-image-gc.ts';
import { diskFacts, memoryField } from '../node/machine-facts.ts';
import { pidsFreeShare, thresholds } from '../node/node-health.ts';
import { runningContainers, viewPod } from '../plan/pod-view.ts';
import type { CgroupFigures } from '../stats/cgroup.ts';
import { isTerminalPhase } from '../plan/pod-phase.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import type { PodRecord } from '../pods/pod-record.ts';
import type { UsageReader } from '../stats/usage.ts';
import { podDiskUsage } from './disk-usage.ts';
import { chooseVictim, evictionMessage, limitsStorage, storageExcess } from './plan-eviction.ts';
import type { PodUsage, ShortResource } from './plan-eviction.ts';

const lookMs = 10_000;
/** Disk is measured less often: du reads it all. */
const diskLookEvery = 6;
const pauseName = 'pilothouse/pause';
/** The node cannot wait for a pod's own grace; upstream's value for hard thresholds. */
const evictionGraceSeconds = 1;

export interface HousekeepingOptions {
  readonly parts: KubeletParts;
  readonly manager: PodManager;
  readonly usage: UsageReader;
  /** Has the pod looked at again. */
  readonly enqueue: (podUid: string) => void;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts; never rejects. */
export async function runHousekeeping(options: HousekeepingOptions): Promise<void> {
  const { parts, signal } = options;
  const lastUsedMs = new Map<string, number>();
  for (let look = 1; !signal.aborted; look++) {
    await parts.clock.sleep(lookMs, signal);
    if (signal.aborted) return;
    try {
      await relieveMemory(options);
      await relieveProcesses(options);
      await parts.cgroups.balance(alive(options.manager).map(allocatedPod));
      if (look % diskLookEvery === 0) await relieveDisk(options, lastUsedMs);
    } catch (error) {
      parts.logger.warn({ err: error }, 'housekeeping failed; it will be tried again');
    }
  }
}

async function relieveMemory(options: HousekeepingOptions): Promise<void> {
  const availableBytes = memoryField(await readFile('/proc/meminfo', 'utf8'), 'MemAvailable');
  if (availableBytes >= thresholds.memoryAvailableBytes) return;
  evictOne(options, await measured(options, (figures) => figures.memoryWorkingSetBytes), 'memory');
}

async function relieveProcesses(options: HousekeepingOptions): Promise<void> {
  if ((await pidsFreeShare()) >= thresholds.pidsFreeShare) return;
  evictOne(options, await measured(options, (figures) => figures.processes), 'pids');
}

/** What each pod uses, by the figures of its control groups. */
async function measured(
  { manager, usage }: HousekeepingOptions,
  pick: (figures: CgroupFigures) => number,
): Promise<PodUsage[]> {
  const { containers } = await usage.read();
  const usedBy = (uid: string): number =>
    containers
      .filter(({ observed }) => observed.podUid === uid)
      .reduce((sum, { usage: { figures } }) => sum + pick(figures), 0);
  return alive(manager).map(({ pod, uid }) => ({ pod, usedBytes: usedBy(uid) }));
}

async function relieveDisk(options: HousekeepingOptions, lastUsedMs: Map<string, number>): Promise<void> {
  const { parts, manager } = options;
  await collectImages(parts, manager, lastUsedMs);
  const disk = await diskFacts(parts.node.dataDir);
  const isShort = disk.freeBytes / disk.totalBytes < thresholds.diskFreeShare;
  const usages: PodUsage[] = [];
  for (const record of alive(manager).filter(({ pod }) => isShort || limitsStorage(pod))) {
    const containers = parts.observations.of(record.uid).filter(({ kind }) => kind === 'container');
    const usage = await podDiskUsage(record.pod, containers, parts.node.dataDir);
    const excess = storageExcess(record.pod, usage);
    if (excess !== undefined) evict(options, record, excess);
    const usedBytes = [...usage.volumes.values(), ...usage.containers.values()].reduce((sum, bytes) => sum + bytes, 0);
    usages.push({ pod: record.pod, usedBytes });
  }
  if (isShort) evictOne(options, usages, 'ephemeral-storage');
}

/** Images whose files are mounted into the pod. */
function volumeImages({ spec }: Readonly<Pod>): string[] {
  return (spec.volumes ?? []).flatMap(({ image }) =>
    image?.reference === undefined ? [] : [withTag(image.reference)],
  );
}

async function collectImages(parts: KubeletParts, manager: PodManager, lastUsedMs: Map<string, number>): Promise<void> {
  const nowMs = parts.clock.now();
  const images = await parts.runtime.images.list();
  const usedIds = new Set(parts.observations.all().map(({ imageId }) => imageId));
  const mounted = new Set(manager.records().flatMap(({ pod }) => volumeImages(pod)));
  for (const { id, tags, digests } of images)
    if ([...tags, ...digests].some((name) => mounted.has(name))) usedIds.add(id);
  for (const { id } of images) if (usedIds.has(id) || !lastUsedMs.has(id)) lastUsedMs.set(id, nowMs);
  const disk = await diskFacts(parts.node.dataDir);
  const keep = ({ tags }: { tags: readonly string[] }): boolean => tags.some((tag) => tag.startsWith(pauseName));
  for (const image of planImageGc({ images, usedIds, lastUsedMs, keep, ...disk, nowMs })) {
    parts.logger.info(
      { image: image.tags[0] ?? image.id, bytes: image.sizeBytes },
      'removing an unused image: the disk is filling',
    );
    await parts.runtime.images
      .remove(image.id)
      .catch((error: unknown) => parts.logger.warn({ err: error }, 'an image could not be removed'));
  }
}

function alive(manager: PodManager): PodRecord[] {
  return manager
    .records()
    .filter(
      ({ pod, verdict, status, isGone }) =>
        !isGone &&
        verdict === undefined &&
        pod.metadata.deletionTimestamp === undefined &&
        !isTerminalPhase(status?.phase),
    );
}

function evictOne(options: HousekeepingOptions, candidates: readonly PodUsage[], resource: ShortResource): void {
  // What the last one leaves behind is to be seen first.
  if (options.manager.records().some((record) => isBeingEvicted(record, options.parts))) return;
  const victim = chooseVictim(candidates, resource);
  const record = victim === undefined ? undefined : options.manager.record(victim.pod.metadata.uid);
  if (victim !== undefined && record !== undefined) evict(options, record, evictionMessage(victim, resource));
}

function isBeingEvicted({ verdict, uid }: PodRecord, { observations }: KubeletParts): boolean {
  return verdict?.reason === 'Evicted' && runningContainers(viewPod(observations.of(uid))).length > 0;
}

function evict({ parts, enqueue }: HousekeepingOptions, record: PodRecord, message: string): void {
  if (record.verdict !== undefined) return;
  record.verdict = {
    phase: 'Failed',
    reason: 'Evicted',
    message,
    isDisruption: true,
    graceSeconds: evictionGraceSeconds,
  };
  parts.record(record.pod, 'Warning', 'Evicted', message);
  parts.logger.warn({ pod: `${record.pod.metadata.namespace}/${record.pod.metadata.name}`, message }, 'evicting a pod');
  enqueue(record.uid);
}
