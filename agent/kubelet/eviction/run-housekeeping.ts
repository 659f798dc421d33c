// Keeps the node alive when it runs short: unused images go when the disk fills; then, and when memory or process ids are
// short, one pod at a time is ended with the reason in its status; pods that break their own storage limits are ended as
// well, and owners of pods that may not fork any more are told.
import { allocatedPod } from '../admission/admit-pod.ts';
import { createImageCollector } from '../images/collect-images.ts';
import type { ImageCollector } from '../images/collect-images.ts';
import type { KubeletParts } from '../parts.ts';
import { runningContainers, viewPod } from '../plan/pod-view.ts';
import type { CgroupFigures } from '../stats/cgroup.ts';
import { isTerminalPhase } from '../plan/pod-phase.ts';
import type { PodManager } from '../pods/pod-manager.ts';
import type { PodRecord } from '../pods/pod-record.ts';
import type { UsageReader } from '../stats/usage.ts';
import { podDiskUsage } from './disk-usage.ts';
import { createForkWatch } from './fork-watch.ts';
import { chooseVictim, evictionMessage, limitsStorage, storageExcess } from './plan-eviction.ts';
import type { PodDiskUsage, PodUsage } from './plan-eviction.ts';
import type { CrossedThreshold, Pressure } from './pressure.ts';
import { resourceOf } from './thresholds.ts';

const lookMs = 10_000;
/** Images and forks are looked at less often. */
const slowLookEvery = 6;
/** Measuring files (du) takes at most this share of the time. */
const measuringShare = 0.1;
/** The node cannot wait for a pod's own grace; upstream's value for hard thresholds. */
const evictionGraceSeconds = 1;

export interface HousekeepingOptions {
  readonly parts: KubeletParts;
  readonly manager: PodManager;
  readonly usage: UsageReader;
  readonly pressure: Pressure;
  /** The most that a pod ended for a soft threshold gets. */
  readonly softGraceSeconds: number;
  /** Has the pod looked at again. */
  readonly enqueue: (podUid: string) => void;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts; never rejects. */
export async function runHousekeeping(options: HousekeepingOptions): Promise<void> {
  const { parts, manager, pressure, signal } = options;
  const images = createImageCollector(parts, manager);
  const forks = createForkWatch(parts, manager);
  const attempt = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) =>
      parts.logger.warn({ err: error }, 'housekeeping failed; it will be tried again'),
    );
  };
  let measureAtMs = 0;
  for (let look = 1; !signal.aborted; look++) {
    await parts.clock.sleep(lookMs, signal);
    if (signal.aborted) return;
    await attempt(pressure.look().then(({ due: [first] }) => first && relieve(options, images, first)));
    await attempt(parts.cgroups.balance(alive(manager).map(allocatedPod)));
    if (performance.now() >= measureAtMs) {
      const begunMs = performance.now();
      await attempt(keepStorageLimits(options));
      const tookMs = performance.now() - begunMs;
      measureAtMs = begunMs + tookMs / measuringShare;
    }
    await attempt(forks.check());
    if (look % slowLookEvery === 0) await attempt(images.collect(false));
  }
}

/** Frees what is short: first what no pod misses, then one pod. */
async function relieve(options: HousekeepingOptions, images: ImageCollector, first: CrossedThreshold): Promise<void> {
  const resource = resourceOf(first.threshold.signal);
  if (resource === 'memory')
    return evictOne(options, await measured(options, (figures) => figures.memoryWorkingSetBytes), first);
  if (resource === 'pids') return evictOne(options, await measured(options, (figures) => figures.processes), first);
  await images.collect(true);
  const { due } = await options.pressure.look();
  const left = due.find(({ threshold }) => threshold === first.threshold);
  if (left === undefined) return;
  const usages = await Promise.all(
    alive(options.manager).map(async (record) => ({
      pod: record.pod,
      usedBytes: totalBytes(await measureFiles(options, record)),
    })),
  );
  evictOne(options, usages, left);
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

async function keepStorageLimits(options: HousekeepingOptions): Promise<void> {
  for (const record of alive(options.manager).filter(({ pod }) => limitsStorage(pod))) {
    const excess = storageExcess(record.pod, await measureFiles(options, record));
    if (excess !== undefined) evict(options, record, excess, evictionGraceSeconds);
  }
}

function measureFiles({ parts }: HousekeepingOptions, { pod, uid }: PodRecord): Promise<PodDiskUsage> {
  const containers = parts.observations.of(uid).filter(({ kind }) => kind === 'container');
  return podDiskUsage(pod, containers, parts.node.dataDir);
}

function totalBytes({ volumes, containers }: PodDiskUsage): number {
  return [...volumes.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0);
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

function evictOne(options: HousekeepingOptions, candidates: readonly PodUsage[], crossed: CrossedThreshold): void {
  // What the last one leaves behind is to be seen first.
  if (options.manager.records().some((record) => isBeingEvicted(record, options.parts))) return;
  const victim = chooseVictim(candidates, resourceOf(crossed.threshold.signal));
  const record = victim === undefined ? undefined : options.manager.record(victim.pod.metadata.uid);
  if (victim === undefined || record === undefined) return;
  const isSoft = crossed.threshold.graceMs !== undefined;
  evict(options, record, evictionMessage(victim, crossed), isSoft ? options.softGraceSeconds : evictionGraceSeconds);
}

function isBeingEvicted({ verdict, uid }: PodRecord, { observations }: KubeletParts): boolean {
  return verdict?.reason === 'Evicted' && runningContainers(viewPod(observations.of(uid))).length > 0;
}

function evict(
  { parts, enqueue }: HousekeepingOptions,
  record: PodRecord,
  message: string,
  graceSeconds: number,
): void {
  if (record.verdict !== undefined) return;
  record.verdict = { phase: 'Failed', reason: 'Evicted', message, isDisruption: true, graceSeconds };
  parts.record(record.pod, 'Warning', 'Evicted', message);
  parts.logger.warn({ pod: `${record.pod.metadata.namespace}/${record.pod.metadata.name}`, message }, 'evicting a pod');
  enqueue(record.uid);
}
