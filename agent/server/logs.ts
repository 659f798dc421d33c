// GET /containerLogs/NAMESPACE/POD/CONTAINER: a container's output, streamed as it is read. A reader that is slow holds the
// source back; one that leaves ends it.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LogOptions } from '../runtime/container-runtime.ts';
import { findAttempts } from './find-container.ts';
import { HttpError } from './http-error.ts';
import type { Served } from './routes.ts';

export interface LogQuery extends LogOptions {
  readonly previous: boolean;
  readonly limitBytes?: number;
}

/** Reads the query as upstream's PodLogOptions. Throws HttpError 400. Pure. */
export function parseLogQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const isTrue = (name: string): boolean => query.has(name) && query.get(name) !== 'false' && query.get(name) !== '0';
  const tailLines = whole(query, 'tailLines');
  const sinceSeconds = whole(query, 'sinceSeconds');
  const limitBytes = whole(query, 'limitBytes');
  const sinceTime = query.get('sinceTime');
  const sinceTimeMs = sinceTime === null || sinceTime === '' ? undefined : Date.parse(sinceTime);
  if (Number.isNaN(sinceTimeMs)) throw new HttpError(400, `sinceTime is not a time: ${sinceTime}`);
  if (sinceTimeMs !== undefined && sinceSeconds !== undefined) {
    throw new HttpError(400, 'at most one of sinceTime or sinceSeconds may be specified');
  }
  const sinceMs = sinceTimeMs ?? (sinceSeconds === undefined ? undefined : nowMs - sinceSeconds * 1000);
  const stream = query.get('stream') ?? 'All';
  return {
    follow: isTrue('follow'),
    timestamps: isTrue('timestamps'),
    previous: isTrue('previous'),
    stdout: stream !== 'Stderr',
    stderr: stream !== 'Stdout',
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(limitBytes !== undefined && { limitBytes }),
  };
}

function whole(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new HttpError(400, `${name} must be a whole number from 0: ${text}`);
  return value;
}

export async function serveLogs(
  { kubelet, runtime, clock }: Served['context'],
  request: Served['request'],
): Promise<void> {
  const [namespace = '', podName = '', containerName = ''] = request.names;
  const query = parseLogQuery(request.url.searchParams, clock.now());
  const attempts = findAttempts(kubelet, namespace, podName, containerName);
  const observed =
    attempts[query.previous ? 1 : 0] ?? (query.previous && attempts[0]?.state === 'exited' ? attempts[0] : undefined);
  if (observed === undefined) {
    const which = query.previous ? 'previous terminated container' : 'container';
    throw new HttpError(400, `${which} "${containerName}" in pod "${podName}" not found`);
  }
  const source = await runtime.logs(observed.id, query);
  const { response } = request;
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  response.once('close', () => source.destroy());
  const { limitBytes } = query;
  const passed = limitBytes === undefined ? source : Readable.from(firstBytes(source, limitBytes));
  // A reader that leaves is the end and no error.
  await pipeline(passed, response).catch(() => response.end());
}

/** So many bytes of a source, and then its end. */
export async function* firstBytes(source: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  if (left === 0) return;
  for await (const chunk of source) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    yield part;
    if (left === 0) return;
  }
}
