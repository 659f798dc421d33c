import { createHash } from 'node:crypto';
import { createServer, get } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pieceBytes, sendInPieces } from './pieces.ts';

const digest = (parts: Iterable<Uint8Array>): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** Parts of many sizes, told apart by what they are filled with: smaller than a piece, equal to it and larger. */
function partsOf(seed: number): Buffer[] {
  const sizes = [
    1,
    700,
    pieceBytes,
    33,
    3 * pieceBytes + 5,
    pieceBytes - 1,
    ...Array.from({ length: 900 }, () => 1531),
  ];
  return sizes.map((size, index) => Buffer.alloc(size, `${seed}.${index} `));
}

describe('an answer in pieces', () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer((request, response) => {
      const parts = partsOf(Number(request.url?.slice(1)));
      response.writeHead(200, { 'content-length': parts.reduce((sum, part) => sum + part.length, 0) });
      void sendInPieces(response, parts);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => void server.close());

  const ask = (seed: number): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      get({ port: (server.address() as AddressInfo).port, path: `/${seed}`, agent: false }, resolve).on(
        'error',
        reject,
      );
    });

  it('arrives as it was sent, also where memory is used again by others meanwhile', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(ask));
    // The first are read last: what waits for them must not change under them.
    for (const [index, answer] of [...answers.entries()].reverse()) {
      const received: Buffer[] = [];
      for await (const part of answer) {
        received.push(part as Buffer);
        await turn();
      }
      expect(digest(received)).toBe(digest(partsOf(index + 1)));
    }
  });

  it('is given up when its client goes', async () => {
    const gone = await ask(1);
    gone.destroy();
    const received: Buffer[] = [];
    for await (const part of await ask(2)) received.push(part as Buffer);
    expect(digest(received)).toBe(digest(partsOf(2)));
  });
});
