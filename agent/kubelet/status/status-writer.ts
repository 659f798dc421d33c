// Writes pods' statuses to the API: the newest only, one write at a time per pod, nothing when nothing changed, again and
// again while the API is away. Knows a pod by its uid, so a namesake never gets another's status.
import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodStatus } from '../../../api/kinds/core/index.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { createBackoff } from '../../../machinery/backoff.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { resizeConditionTypes } from '../plan/plan-resize.ts';
import { ownedConditions } from '../pods/pod-record.ts';
import { pods } from '../resources.ts';

export interface StatusWriter {
  /** Sends the status if it differs from the last one sent (or, at first, from what the API shows). */
  set(pod: Readonly<Pod>, status: PodStatus): void;
  /** Resolves when the pod's newest status is in the API, or the pod is gone. */
  flushed(podUid: string): Promise<void>;
  /** Removes the pod from the API for good, unless another has its name by now. */
  remove(pod: Readonly<Pod>): Promise<void>;
  forget(podUid: string): void;
}

interface Entry {
  pod: Readonly<Pod>;
  wanted: PodStatus;
  sent?: PodStatus;
  /** The API's version that showed what was sent. */
  sentVersion: string;
  writing?: Promise<void>;
}

export interface StatusWriterOptions {
  readonly client: RestClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export function createStatusWriter({ client, clock, logger, signal }: StatusWriterOptions): StatusWriter {
  const entries = new Map<string, Entry>();

  const patch = async ({ pod, wanted, sent }: Entry): Promise<Readonly<Pod>> => {
    const { name, namespace, uid } = pod.metadata;
    // Conditions are merged by type: what a condition no longer says must be taken away by name.
    const kept = wanted.conditions?.map((condition) => ({ reason: null, message: null, ...condition }));
    const conditions = kept === undefined ? undefined : [...kept, ...droppedConditions(sent, wanted)];
    const body = { metadata: { uid }, status: { ...wanted, conditions } };
    return client.resource(pods, namespace).patch(name, { type: 'strategic', body }, { subresource: 'status' });
  };

  const write = async (entry: Entry): Promise<void> => {
    const backoff = createBackoff({ initialMs: 200, maxMs: 10_000 });
    while (!signal.aborted && !isDeepStrictEqual(entry.sent, entry.wanted)) {
      const { wanted } = entry;
      try {
        entry.sentVersion = (await patch(entry)).metadata.resourceVersion;
        entry.sent = wanted;
        backoff.reset();
      } catch (error) {
        if (isApiError(error, 'NotFound') || isApiError(error, 'Conflict') || isApiError(error, 'Invalid')) {
          const { name, namespace, uid } = entry.pod.metadata;
          if (!isApiError(error, 'NotFound'))
            logger.warn({ err: error, pod: `${namespace}/${name}`, uid }, 'a pod status was refused');
          entry.sent = wanted;
          continue;
        }
        logger.debug({ err: error }, 'a pod status could not be written; it will be tried again');
        await clock.sleep(backoff.nextMs(), signal);
      }
    }
  };

  return {
    set(pod, status) {
      const uid = pod.metadata.uid;
      const wanted = JSON.parse(JSON.stringify(status)) as PodStatus; // as the API will show it: without undefined
      const entry = entries.get(uid) ?? {
        pod,
        wanted,
        sent: pod.status,
        sentVersion: pod.metadata.resourceVersion,
      };
      entry.pod = pod;
      entry.wanted = wanted;
      entries.set(uid, entry);
      if (entry.writing === undefined && wasOverruled(entry)) entry.sent = pod.status;
      if (entry.writing !== undefined || isDeepStrictEqual(entry.sent, wanted)) return;
      entry.writing = write(entry).finally(() => {
        entry.writing = undefined;
      });
    },
    async flushed(podUid) {
      await entries.get(podUid)?.writing;
    },
    async remove(pod) {
      const { name, namespace, uid } = pod.metadata;
      try {
        await client.resource(pods, namespace).delete(name, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
      }
    },
    forget: (podUid) => void entries.delete(podUid),
  };
}

/**
 * Whether somebody has changed a condition since: the cluster marks pods of a node that was silent as not ready, and only
 * the kubelet can take that back.
 */
function wasOverruled({ pod, wanted, sentVersion }: Entry): boolean {
  if (Number(pod.metadata.resourceVersion) <= Number(sentVersion)) return false;
  const shown = new Map((pod.status?.conditions ?? []).map(({ type, status }) => [type, status]));
  return (wanted.conditions ?? []).some(({ type, status }) => ownedConditions.has(type) && shown.get(type) !== status);
}

/** Conditions that were told and hold no more: those of a resize that is over. */
function droppedConditions(sent: PodStatus | undefined, wanted: PodStatus): object[] {
  const left = new Set((wanted.conditions ?? []).map(({ type }) => type));
  return (sent?.conditions ?? [])
    .filter(({ type }) => resizeConditionTypes.some((own) => own === type) && !left.has(type))
    .map(({ type }) => ({ $patch: 'delete', type }));
}
