import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isApiError } from '../api/meta/status.ts';
import type { TransportResponse } from './transport/contract.ts';
import { collectText } from './transport/body.ts';
import { splitLines, watchEvents } from './watch-events.ts';

async function* of(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
function answer(text: string, status = 200): () => Promise<TransportResponse> {
  const body = of(Buffer.from(text));
  return () => Promise.resolve({ status, headers: {}, body, text: () => collectText(body) });
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
const request = { method: 'GET', path: '/api/v1/pods' };

describe('the lines of a stream', () => {
  it('are the same however the bytes are cut', async () => {
    const lines = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' ')),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(200), { maxLength: 12 }), async (expected, cuts) => {
        const bytes = Buffer.from(expected.map((line) => `${line}\n`).join(''));
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(await all(splitLines(of(...chunks)))).toEqual(expected);
      }),
    );
  });
});

describe('a watch', () => {
  it('gives its events, and drops a line that was cut off', async () => {
    const text = '{"type":"ADDED","object":{"kind":"Pod"}}\n\n{"type":"BOOKMARK","object":{}}\n{"type":"ADD';
    const events = await all(watchEvents(answer(text), request));
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
  });

  it('throws an ERROR event as what it is', async () => {
    const status = {
      kind: 'Status',
      status: 'Failure',
      reason: 'Expired',
      code: 410,
      message: 'too old resource version',
    };
    const events = watchEvents(answer(JSON.stringify({ type: 'ERROR', object: status })), request);
    await expect(all(events)).rejects.toSatisfy((error) => isApiError(error, 'Expired'));
  });

  it('throws a refusal', async () => {
    await expect(all(watchEvents(answer('no', 403), request))).rejects.toSatisfy((error) =>
      isApiError(error, 'Forbidden'),
    );
  });
});
