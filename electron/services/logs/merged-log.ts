// Logs of several containers as one: each followed on its own, delivered in batches that are in the order of time.
// Guarantees: pods that come later join, those that end stay readable; a container whose log breaks says why and the
// others go on; at most `mostSources` are followed.
import type { LogBatch, LogSource, PodRow } from '../../../api/console/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { toConsoleError } from '../errors.ts';
import { coalesce } from '../streams/coalesce.ts';
import { readLog } from '../streams/pod-log.ts';

export interface MergedLogOptions {
  readonly client: RestClient;
  readonly clock: Clock;
  readonly tailLines: number;
  readonly sinceSeconds?: number;
  readonly signal: AbortSignal;
  deliver(batch: LogBatch): void;
}

export interface MergedLog {
  /** Follows the containers of a pod that are not followed yet. */
  follow(pod: Pick<PodRow, 'uid' | 'namespace' | 'name'>, containers: readonly string[]): void;
}

type Line = LogBatch['lines'][number];

const mostSources = 60;
const deliverMs = 120;
const retryMs = 3000;
const mostLinesAtOnce = 4000;

/** An empty log; nothing is read before `follow`. */
export function createMergedLog(options: MergedLogOptions): MergedLog {
  const { client, clock, tailLines, signal, deliver } = options;
  const known = new Set<string>();
  const sources: LogSource[] = [];
  const lines: Line[] = [];
  let nextId = 0;

  const soon = coalesce(clock, deliverMs, () => {
    const batch = lines.splice(0, mostLinesAtOnce).sort((left, right) => (left.at ?? 0) - (right.at ?? 0));
    const fresh = sources.splice(0);
    if (batch.length > 0 || fresh.length > 0) deliver({ sources: fresh, lines: batch });
    if (lines.length > 0) soon.request();
  });
  signal.addEventListener('abort', () => soon.cancel(), { once: true });

  const read = async (source: LogSource, namespace: string): Promise<void> => {
    const { pod: name, container } = source;
    let sinceTime: string | undefined;
    while (!signal.aborted) {
      const resumedAt = sinceTime;
      const request = { namespace, name, container, tailLines, sinceTime, sinceSeconds: options.sinceSeconds };
      try {
        for await (const { stamp, at, text } of readLog(client, request, signal)) {
          if (stamp !== undefined && resumedAt !== undefined && stamp <= resumedAt) continue;
          sinceTime = stamp ?? sinceTime;
          lines.push({ source: source.id, at, text });
          soon.request();
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        const { reason, message } = toConsoleError(error);
        if (reason !== 'Unreachable' && reason !== 'BadRequest') {
          sources.push({ ...source, error: message });
          soon.request();
          return;
        }
        await clock.sleep(retryMs, signal);
      }
    }
  };

  return {
    follow({ uid, namespace, name }, containers) {
      for (const container of containers) {
        const key = `${uid} ${container}`;
        if (known.has(key) || known.size >= mostSources) continue;
        known.add(key);
        const source = { id: nextId++, pod: name, container };
        sources.push(source);
        soon.request();
        void read(source, namespace);
      }
    },
  };
}
