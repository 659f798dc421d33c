// Turns a watch's bytes into events: one JSON document per line, however the bytes are cut.
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import type { Status } from '../api/meta/status.ts';
import type { WatchEvent } from '../api/meta/watch.ts';
import type { Request } from './request.ts';
import type { TransportRequest } from './transport/contract.ts';
import { ApiError } from '../api/meta/status.ts';
import { errorOf } from './request.ts';

const newline = 0x0a;

/** Complete lines of a byte stream, without their ends; an incomplete last line is given too. */
export async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const rest = chunk.subarray(start, end);
      yield (
        parts.length === 0 ? Buffer.from(rest.buffer, rest.byteOffset, rest.length) : Buffer.concat([...parts, rest])
      ).toString('utf8');
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString('utf8');
}

/**
 * The events of a watch request. Ends when the server ends it; an ERROR event is thrown as its ApiError.
 * A line cut off by a lost connection is dropped: the watch resumes from the last complete event.
 */
export async function* watchEvents<T extends KubernetesObject>(
  request: Request,
  watch: TransportRequest,
): AsyncGenerator<WatchEvent<T>> {
  const response = await request(watch);
  if (response.status >= 400) throw await errorOf(response);
  for await (const line of splitLines(response.body)) {
    if (line === '') continue;
    let event: WatchEvent<T>;
    try {
      event = JSON.parse(line) as WatchEvent<T>;
    } catch (error) {
      if (error instanceof SyntaxError) return;
      throw error;
    }
    if (event.type === 'ERROR') throw new ApiError(event.object as unknown as Status);
    yield event;
  }
}
