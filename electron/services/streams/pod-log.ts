// A container's log as it grows: `GET pods/NAME/log?follow`, in whole lines, at most a few hundred at a time.
// Guarantees: a connection that breaks is opened again from the last line's time; it ends when the container's log does.
import { z } from 'zod';
import type { LogChunk } from '../../../api/console/index.ts';
import { ApiError, type Status } from '../../../api/meta/status.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { named, objectName } from '../commands/table.ts';
import { ServiceError, toConsoleError } from '../errors.ts';
import { timeOf } from '../projections/read.ts';
import { coalesce } from './coalesce.ts';
import type { StreamTable } from './table.ts';

type Line = LogChunk['lines'][number];

const longestLine = 16_384;
const mostLinesAtOnce = 1000;
const deliverMs = 60;
const retryMs = 2000;

interface LogRequest {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  readonly tailLines: number;
  readonly previous?: boolean;
  /** Default: whatever is not the run before. */
  readonly follow?: boolean;
  readonly sinceTime?: string;
  readonly sinceSeconds?: number;
}

function splitTime(text: string): { at: number | undefined; stamp: string | undefined; text: string } {
  const space = text.indexOf(' ');
  const stamp = space < 0 ? text : text.slice(0, space);
  const at = timeOf(stamp);
  return at === undefined
    ? { at, stamp: undefined, text }
    : { at, stamp, text: space < 0 ? '' : text.slice(space + 1) };
}

/** The lines of a log with their times, as they arrive. */
export async function* readLog(
  client: RestClient,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<Line & { stamp?: string }> {
  const { namespace, name, container, tailLines, previous, sinceTime, sinceSeconds } = request;
  const { follow = !previous } = request;
  const response = await client.request({
    method: 'GET',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`,
    query: {
      container,
      follow,
      timestamps: true,
      previous: previous || undefined,
      ...(sinceTime ? { sinceTime } : { tailLines, sinceSeconds }),
    },
    signal,
  });
  if (response.status !== 200) {
    const text = await response.text();
    throw text.startsWith('{') ? new ApiError(JSON.parse(text) as Status) : new ServiceError('Internal', text);
  }
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) {
      const { at, stamp, text } = splitTime(line.slice(0, longestLine));
      yield { at, stamp, text: text.replace(/\r$/, '') };
    }
  }
  if (rest !== '') {
    const { at, stamp, text } = splitTime(rest);
    yield { at, stamp, text };
  }
}

export const logStreams: Pick<StreamTable, 'pod.log'> = {
  'pod.log': {
    payload: named.extend({
      container: objectName,
      tailLines: z.number().int().min(0).max(10_000),
      previous: z.boolean().optional(),
    }),
    open({ clusterId, ...wanted }, emit, { clusters, clock }) {
      const ending = new AbortController();
      const { client, signal: closed } = clusters.get(clusterId).session;
      const signal = AbortSignal.any([ending.signal, closed]);
      let waiting: Line[] = [];
      let last: string | undefined;
      const soon = coalesce(clock, deliverMs, () => {
        const lines = waiting.splice(0, mostLinesAtOnce);
        emit({ type: 'data', data: { lines } });
        if (waiting.length > 0) soon.request();
      });
      const flush = (): void => {
        soon.cancel();
        if (waiting.length > 0) emit({ type: 'data', data: { lines: waiting } });
        waiting = [];
      };
      const follow = async (): Promise<void> => {
        emit({ type: 'data', data: { lines: [] } });
        while (!signal.aborted) {
          const resumedAt = last;
          try {
            for await (const { stamp, ...line } of readLog(client, { ...wanted, sinceTime: resumedAt }, signal)) {
              if (stamp !== undefined && resumedAt !== undefined && stamp <= resumedAt) continue;
              last = stamp ?? last;
              waiting.push(line);
              soon.request();
            }
            flush();
            emit({ type: 'ended' });
            return;
          } catch (error) {
            if (signal.aborted) return;
            flush();
            const known = toConsoleError(error);
            const passing = known.reason === 'Unreachable' || known.reason === 'BadRequest'; // not started yet
            emit({ type: passing ? 'interrupted' : 'ended', error: known });
            if (!passing) return;
            await clock.sleep(retryMs, signal);
          }
        }
      };
      follow().catch((error: unknown) => emit({ type: 'ended', error: toConsoleError(error) }));
      return () => {
        ending.abort();
        soon.cancel();
      };
    },
  },
};
