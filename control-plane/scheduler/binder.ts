// Writes decisions to the API, many at once: the binding, or why there is none (condition and event).
import type { Pod } from '../../api/kinds/core/index.ts';
import { pods } from '../../api/kinds/core/index.ts';
import { isApiError } from '../../api/meta/status.ts';
import { formatTime } from '../../api/meta/time.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { EventRecorder } from '../../machinery/event-recorder.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { RestClient } from '../../machinery/rest-client.ts';

export interface Binder {
  /** Binds a pod; rejects when the API server refuses or cannot be reached. */
  bind(pod: Readonly<Pod>, nodeName: string): Promise<void>;
  /** Says why a pod waits: condition PodScheduled=False (when it changes) and an event. */
  report(pod: Readonly<Pod>, reason: 'Unschedulable' | 'SchedulingGated' | 'SchedulerError', message: string): void;
  /** Marks where a preempting pod is expected to go. */
  nominate(pod: Readonly<Pod>, nodeName: string): Promise<void>;
  /** Makes room: deletes a victim after telling it why. */
  evict(victim: Readonly<Pod>, preemptor: Readonly<Pod>, nodeName: string): Promise<void>;
}

export interface BinderOptions {
  readonly client: RestClient;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export function createBinder({ client, recorder, clock, logger, signal }: BinderOptions): Binder {
  const api = (pod: Readonly<Pod>): ReturnType<typeof client.resource<Pod>> =>
    client.resource(pods, pod.metadata.namespace);
  const patchStatus = async (pod: Readonly<Pod>, status: object): Promise<void> => {
    const body = { metadata: { uid: pod.metadata.uid }, status };
    await api(pod).patch(pod.metadata.name, { type: 'strategic', body }, { subresource: 'status', signal });
  };
  const condition = (pod: Readonly<Pod>, reason: string, message: string): object => {
    const current = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const changed = current?.status !== 'False';
    const lastTransitionTime = changed ? formatTime(clock.now()) : current.lastTransitionTime;
    return { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime };
  };

  return {
    async bind(pod, nodeName) {
      const { name, namespace, uid } = pod.metadata;
      const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
      await api(pod).subresource(name, 'binding', body, { signal });
      recorder.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace ?? ''}/${name} to ${nodeName}`);
    },

    report(pod, reason, message) {
      if (reason !== 'SchedulingGated') recorder.record(pod, 'Warning', 'FailedScheduling', message);
      const current = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      if (current?.status === 'False' && current.reason === reason && current.message === message) return;
      patchStatus(pod, { conditions: [condition(pod, reason, message)] }).catch((err: unknown) => {
        if (!signal.aborted && !isApiError(err, 'NotFound'))
          logger.warn({ err, pod: pod.metadata.name }, 'reporting why a pod waits');
      });
    },

    nominate: (pod, nodeName) => patchStatus(pod, { nominatedNodeName: nodeName }),

    async evict(victim, preemptor, nodeName) {
      const by = `${preemptor.metadata.namespace ?? ''}/${preemptor.metadata.name}`;
      const message = `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}`;
      recorder.record(victim, 'Normal', 'Preempted', message);
      logger.info({ victim: victim.metadata.name, by, nodeName }, 'preempting');
      const lastTransitionTime = formatTime(clock.now());
      const disrupted = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        lastTransitionTime,
      };
      try {
        await patchStatus(victim, {
          conditions: [
            {
              ...disrupted,
              message: `${preemptor.spec.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`,
            },
          ],
        });
        await api(victim).delete(victim.metadata.name, { preconditions: { uid: victim.metadata.uid }, signal });
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    },
  };
}
