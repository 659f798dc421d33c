import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createChunk, createChunkWriter } from './chunks.ts';
import type { NodeResponse } from './exchange.ts';

it('frames a chunk around the bytes, once', () => {
  const chunk = createChunk([Buffer.from('0123456789'), Buffer.from('abcdefgh')]);
  expect(chunk.framed.toString()).toBe('12\r\n0123456789abcdefgh\r\n');
  expect(chunk.bytes.toString()).toBe('0123456789abcdefgh');
  expect(chunk.bytes.buffer).toBe(chunk.framed.buffer);
});

it('waits for a peer that does not read until it does, leaves, or the signal aborts', async () => {
  const response = new PassThrough({ highWaterMark: 4 });
  const writer = createChunkWriter(response as unknown as NodeResponse);
  const chunk = createChunk([Buffer.from('more than four bytes')]);
  while (writer.write(chunk));
  expect(writer.needsDrain).toBe(true);
  const aborting = new AbortController();
  const waiting = writer.drained(aborting.signal);
  aborting.abort();
  await waiting;
  const drained = writer.drained(new AbortController().signal);
  response.resume();
  await drained;
  expect(writer.needsDrain).toBe(false);
});
