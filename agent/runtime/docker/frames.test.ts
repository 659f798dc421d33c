import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demultiplex } from './frames.ts';

function frame(stream: number, payload: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

describe('demultiplex', () => {
  it('splits the streams however the bytes are cut', async () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string()), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 1, max: 30 }), async (written, chunkBytes) => {
        const stdout = new PassThrough();
        const stderr = new PassThrough();
        const seen = Promise.all([text(stdout), text(stderr)]);
        const source = Readable.from(
          cut(Buffer.concat(written.map(([stream, words]) => frame(stream, words))), chunkBytes),
        );
        await demultiplex(source, stdout, stderr);
        stdout.end();
        stderr.end();
        const wanted = (stream: number): string =>
          Buffer.from(
            written
              .filter(([to]) => to === stream)
              .map(([, words]) => words)
              .join(''),
          ).toString();
        expect(await seen).toEqual([wanted(1), wanted(2)]);
      }),
      { numRuns: 50 },
    );
  });

  it('waits for a slow reader instead of collecting', async () => {
    const stdout = new PassThrough({ highWaterMark: 10 });
    const big = 'x'.repeat(1000);
    const done = demultiplex(Readable.from(cut(frame(1, big), 100)), stdout, new PassThrough());
    await new Promise((resolve) => void setImmediate(resolve));
    expect(stdout.readableLength + stdout.writableLength).toBeLessThan(500);
    const seen = text(stdout);
    await done;
    stdout.end();
    expect(await seen).toBe(big);
  });
});
