// Records Events about objects, as upstream's core/v1 recorder: what repeats counts up one Event instead of making many,
// and a source that floods one object with events is held back. Recording never fails its caller and never blocks it.
// Few events are on their way at a time: under load they come late, so that the work they tell of comes first.
import type { Event } from '../api/kinds/core/index.ts';
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { ResourceRef, RestClient } from './rest-client.ts';
import { formatTime } from '../api/meta/time.ts';
import { isApiError } from '../api/meta/status.ts';
import { systemClock } from './clock.ts';
import { silentLogger } from './logger.ts';

const events: ResourceRef<Event> = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };
const remembered = 4096;
const burst = 25;
const refillMs = 300_000;
const mostInFlight = 2;
/** Events that may wait to be sent; later ones are dropped, as upstream does. */
const mostWaiting = 10_000;

export interface EventRecorder {
  /** Type `Normal` or `Warning`; reason in UpperCamelCase; message is one sentence. `fieldPath` names a part, such as a container. */
  record(
    object: KubernetesObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    fieldPath?: string,
  ): void;
  /** Resolves when what was recorded so far has been sent, or given up. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  client: RestClient;
  /** The source's component, such as `default-scheduler`. */
  component: string;
  host?: string;
  clock?: Clock;
  logger?: Logger;
}

interface Series {
  name: string;
  namespace: string;
  count: number;
  firstTimestamp: string;
  /** Writes of one series go one after the other. */
  tail: Promise<void>;
}

/** A recorder that speaks for one component. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, host, clock = systemClock, logger = silentLogger } = options;
  const series = new Map<string, Series>();
  const tokens = new Map<string, { left: number; atMs: number }>();
  const lane = createLane();

  const isFlooding = (source: string): boolean => {
    const nowMs = clock.now();
    const bucket = tokens.get(source) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, bucket.left + (nowMs - bucket.atMs) / refillMs);
    remember(tokens, source, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
    return left < 1;
  };
  const involved = (object: KubernetesObject, fieldPath?: string): Event['involvedObject'] => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name,
    namespace: object.metadata.namespace,
    uid: object.metadata.uid,
    resourceVersion: object.metadata.resourceVersion,
    ...(fieldPath === undefined ? {} : { fieldPath }),
  });

  return {
    record(object, type, reason, message, fieldPath) {
      const about = involved(object, fieldPath);
      const subject = [component, host, about.kind, about.namespace, about.name, about.uid, about.fieldPath].join('\0');
      if (isFlooding(subject)) return;
      const id = [subject, type, reason, message].join('\0');
      const time = formatTime(clock.now());
      let one = series.get(id);
      if (one === undefined) {
        const namespace = object.metadata.namespace ?? 'default';
        one = {
          name: eventName(object.metadata.name, clock.now()),
          namespace,
          count: 0,
          firstTimestamp: time,
          tail: Promise.resolve(),
        };
      }
      remember(series, id, one);
      one.count++;
      const known = one;
      const { count, firstTimestamp } = one;
      const send = async (): Promise<void> => {
        const api = client.resource(events, known.namespace);
        if (count > 1) {
          try {
            await api.patch(known.name, { type: 'merge', body: { count, lastTimestamp: time } });
            return;
          } catch (error) {
            if (!isApiError(error, 'NotFound')) throw error;
          }
        }
        await api.create({
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: known.name, namespace: known.namespace },
          involvedObject: about,
          type,
          reason,
          message,
          source: { component, host },
          reportingComponent: component,
          reportingInstance: host ?? '',
          count,
          firstTimestamp,
          lastTimestamp: time,
        });
      };
      const before = known.tail;
      known.tail = lane.run(async () => {
        await before;
        await send().catch((err: unknown) => logger.debug({ err, reason }, 'an event was not recorded'));
      });
    },
    flush: () => lane.flush(),
  };
}

interface Lane {
  /** Runs work in turn, which must not reject; resolves when it is done, or dropped because too much waits. */
  run(work: () => Promise<void>): Promise<void>;
  /** Runs everything that waits at once. */
  flush(): Promise<void>;
}

function createLane(): Lane {
  const waiting: (() => void)[] = [];
  const running = new Set<Promise<void>>();

  const start = (work: () => Promise<void>): Promise<void> => {
    const run = work();
    running.add(run);
    void run.then(() => {
      running.delete(run);
      if (running.size < mostInFlight) waiting.shift()?.();
    });
    return run;
  };
  return {
    run(work) {
      if (running.size < mostInFlight) return start(work);
      if (waiting.length >= mostWaiting) return Promise.resolve();
      return new Promise((resolve) => waiting.push(() => void start(work).then(resolve)));
    },
    async flush() {
      for (const begin of waiting.splice(0)) begin();
      await Promise.all(running);
    },
  };
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > remembered) map.delete(map.keys().next().value as string);
}

let sequence = BigInt(Math.floor(Math.random() * 1_000_000));

/** Unique within the process, and across processes but for chance: nanoseconds whose last digits count up. */
function eventName(object: string, nowMs: number): string {
  sequence = (sequence + 1n) % 1_000_000n;
  return `${object}.${(BigInt(Math.floor(nowMs)) * 1_000_000n + sequence).toString(16)}`;
}
