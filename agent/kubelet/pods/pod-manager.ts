// All pods of the node: who they are, and one reconcile for each. Nothing is removed before the API has given its first
// full list, so a new or cut-off agent never ends a pod on stale knowledge.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { KubeletParts } from '../parts.ts';
import { objectsNamedBy } from '../object-watches.ts';
import { createPodRecord } from './pod-record.ts';
import type { PodRecord } from './pod-record.ts';
import { volumeFacts } from './start-pod.ts';
import { removeOrphan } from './stop-pod.ts';
import { deadlineVerdict, syncPod } from './sync-pod.ts';
import { terminatePod } from './terminate-pod.ts';

export interface PodManager {
  /** A pod as the API shows it now. */
  set(pod: Readonly<Pod>): void;
  /** A pod that the API no longer has. */
  remove(podUid: string): void;
  /** The API's first full list is in: what runs and is not in it may be removed. */
  markComplete(): void;
  record(podUid: string): PodRecord | undefined;
  records(): PodRecord[];
  find(namespace: string, name: string): PodRecord | undefined;
  /** The pods that name this object. */
  usersOf(objectKey: string): string[];
  /** Brings one pod on. The loop calls it with one key at a time. */
  reconcile(podUid: string, signal: AbortSignal): Promise<{ requeueAfterMs?: number }>;
}

/** How often tokens and other slow things in volumes are looked at. */
const volumeRefreshMs = 120_000;

export function createPodManager(parts: KubeletParts, adopted: ReadonlySet<string>): PodManager {
  const records = new Map<string, PodRecord>();
  let isComplete = false;

  const reconcileRecord = async (record: PodRecord, signal: AbortSignal): Promise<{ requeueAfterMs?: number }> => {
    if (record.isGone || record.pod.metadata.deletionTimestamp !== undefined) {
      await terminatePod(parts, record, signal);
      if (record.isGone) records.delete(record.uid);
      return {};
    }
    const refusal = await parts.admission.admit(record);
    if (refusal !== undefined) {
      record.verdict = {
        phase: 'Failed',
        isRefusal: true,
        ...refusal,
        message: `Pod was rejected: ${refusal.message}`,
      };
      parts.record(record.pod, 'Warning', refusal.reason, refusal.message);
    }
    record.verdict ??= deadlineVerdict(record, parts.clock.now());
    const result = await syncPod(parts, record, signal);
    return refreshVolumes(parts, record, result, signal);
  };

  /** The pod's owner hears what holds it up, whatever it is: a full disk, a runtime that does not answer. */
  const tellFailure = (record: PodRecord, error: unknown): void => {
    const words = error instanceof Error ? error.message : String(error);
    parts.record(record.pod, 'Warning', 'FailedSync', `error syncing pod, will be tried again: ${words}`);
  };

  return {
    set(pod) {
      const { uid, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
      const record = records.get(uid);
      if (record === undefined) {
        records.set(uid, createPodRecord(pod, parts.clock.now(), adopted.has(uid)));
        return;
      }
      const before = record.pod.metadata;
      record.pod = pod;
      const isCutShort =
        deletionTimestamp !== undefined &&
        (before.deletionTimestamp === undefined || before.deletionGracePeriodSeconds !== deletionGracePeriodSeconds);
      if (isCutShort) record.interrupt?.abort();
    },
    remove(podUid) {
      const record = records.get(podUid);
      if (record === undefined) return;
      record.isGone = true;
      record.interrupt?.abort();
    },
    markComplete: () => void (isComplete = true),
    record: (podUid) => records.get(podUid),
    records: () => [...records.values()],
    find: (namespace, name) =>
      [...records.values()].find(
        ({ pod, isGone }) =>
          !isGone && pod.metadata.name === name && (pod.metadata.namespace ?? 'default') === namespace,
      ),
    usersOf: (objectKey) =>
      [...records.values()].filter(({ pod }) => objectsNamedBy(pod).includes(objectKey)).map(({ uid }) => uid),
    async reconcile(podUid, signal) {
      const record = records.get(podUid);
      if (record === undefined) {
        if (isComplete && parts.observations.of(podUid).length > 0) await removeOrphan(parts, podUid);
        return {};
      }
      const interrupt = new AbortController();
      record.interrupt = interrupt;
      try {
        return await reconcileRecord(record, AbortSignal.any([signal, interrupt.signal]));
      } catch (error) {
        // What interrupted it changed the pod as well, so the loop comes back by itself.
        if (interrupt.signal.aborted) return { requeueAfterMs: 0 };
        if (!signal.aborted) tellFailure(record, error);
        throw error;
      } finally {
        record.interrupt = undefined;
      }
    },
  };
}

async function refreshVolumes(
  parts: KubeletParts,
  record: PodRecord,
  result: { requeueAfterMs?: number },
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  const { volumes = [] } = record.pod.spec;
  const follows = volumes.some(
    ({ configMap, secret, downwardAPI, projected }) => configMap ?? secret ?? downwardAPI ?? projected,
  );
  const runs = parts.observations.of(record.uid).some(({ kind, state }) => kind === 'container' && state === 'running');
  if (!follows || !runs) return result;
  const facts = volumeFacts(parts, record, signal);
  await parts.volumes.refresh(record.pod, facts).catch((error: unknown) => {
    // The old files stay; an object that is gone for now must not disturb a running pod.
    parts.logger.debug({ err: error, pod: record.pod.metadata.name }, 'volumes were not refreshed');
  });
  return { requeueAfterMs: Math.min(result.requeueAfterMs ?? volumeRefreshMs, volumeRefreshMs) };
}
