// The client against Node's own HTTP/2 server: two implementations of the protocol that share nothing.
import { createServer } from 'node:http2';
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createGrpcChannel, grpcCodes } from './index.ts';
import type { GrpcChannel } from './index.ts';

type Answer = (stream: ServerHttp2Stream, message: Buffer) => void;

const framed = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

/** Answers a message and a status. */
function finish(stream: ServerHttp2Stream, message: Buffer | undefined, status = '0', text = ''): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () =>
    stream.sendTrailers({ 'grpc-status': status, ...(text === '' ? {} : { 'grpc-message': text }) }),
  );
  stream.end(message === undefined ? undefined : framed(message));
}

describe('the gRPC client', () => {
  const servers: Http2Server[] = [];
  const sessions: ServerHttp2Session[] = [];
  const channels: GrpcChannel[] = [];
  afterEach(() => {
    for (const channel of channels.splice(0)) channel.close();
    for (const session of sessions.splice(0)) session.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function connectTo(answer: Answer, settings = {}): Promise<GrpcChannel> {
    const server = createServer({ settings });
    servers.push(server);
    server.on('session', (session) => sessions.push(session));
    server.on('stream', (stream) => {
      const parts: Buffer[] = [];
      stream.on('error', () => undefined);
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => answer(stream, Buffer.concat(parts).subarray(5)));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const channel = createGrpcChannel(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {});
    channels.push(channel);
    return channel;
  }
  const echo: Answer = (stream, message) => finish(stream, message);

  it('answers a PING also when nothing else is to be said', async () => {
    const channel = await connectTo(echo);
    await channel.unary('/a/b', Buffer.from('x'), 10_000);
    const payload = Buffer.from('12345678');
    const answered = await new Promise<Buffer>((resolve, reject) =>
      sessions[0]?.ping(payload, (error, _ms, back) => (error ? reject(error) : resolve(back))),
    );
    expect(answered.equals(payload)).toBe(true);
  });

  it('carries messages of every size through small windows, both ways', async () => {
    const channel = await connectTo(echo, { initialWindowSize: 1000 });
    for (const size of [0, 1, 16_379, 16_384, 5_000_000]) {
      const message = Buffer.alloc(size, size % 251);
      expect((await channel.unary('/a/b', message, 10_000)).equals(message)).toBe(true);
    }
  });

  it('answers each of many calls with its own answer, over no more streams than the server allows', async () => {
    let open = 0;
    let most = 0;
    const channel = await connectTo(
      (stream, message) => {
        most = Math.max(most, ++open);
        setImmediate(() => {
          open--;
          finish(stream, message);
        });
      },
      { maxConcurrentStreams: 7 },
    );
    await channel.unary('/a/b', Buffer.alloc(0), 10_000); // the server's settings are known from here on
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => channel.unary('/a/b', Buffer.from(String(index)), 10_000)),
    );
    expect(answers.map(String)).toEqual(Array.from({ length: 300 }, (_, index) => String(index)));
    expect(most).toBeLessThanOrEqual(7);
  });

  it('fails with the code and the message of the server', async () => {
    const channel = await connectTo((stream) =>
      finish(stream, undefined, '11', 'etcdserver: mvcc: required revision has been compacted %C3%A9'),
    );
    await expect(channel.unary('/a/b', Buffer.alloc(3), 10_000)).rejects.toMatchObject({
      code: 11,
      message: 'etcdserver: mvcc: required revision has been compacted é',
    });
  });

  it('gives up a call whose time is over, and the connection lives on', async () => {
    const channel = await connectTo((stream, message) => (message.length === 0 ? undefined : finish(stream, message)));
    await expect(channel.unary('/a/b', Buffer.alloc(0), 50)).rejects.toMatchObject({
      code: grpcCodes.deadlineExceeded,
    });
    expect(String(await channel.unary('/a/b', Buffer.from('x'), 10_000))).toBe('x');
    expect(sessions).toHaveLength(1);
  });

  it('ends every call when the connection is lost, and connects again for the next', async () => {
    let isLost = false;
    const channel = await connectTo((stream, message) => {
      if (isLost) return finish(stream, message);
      isLost = true;
      stream.session?.destroy();
    });
    const lost = [1, 2, 3].map(() => channel.unary('/a/b', Buffer.alloc(9), 10_000));
    for (const call of lost) await expect(call).rejects.toMatchObject({ code: grpcCodes.unavailable });
    expect(String(await channel.unary('/a/b', Buffer.from('again'), 10_000))).toBe('again');
  });

  it('finishes what runs when the server is going away, and calls elsewhere', async () => {
    const channel = await connectTo((stream, message) => {
      if (String(message) === 'last') stream.session?.goaway(0, stream.id ?? 1);
      finish(stream, message);
    });
    expect(String(await channel.unary('/a/b', Buffer.from('last'), 10_000))).toBe('last');
    expect(String(await channel.unary('/a/b', Buffer.from('next'), 10_000))).toBe('next');
    expect(sessions).toHaveLength(2);
  });

  it('streams messages however they are cut, and no more than a window while it is paused', async () => {
    const piece = Buffer.alloc(1_000_000, 7);
    let sent = 0;
    const channel = await connectTo(() => undefined);
    servers[0]?.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      const more = (): void => {
        while (sent < 64 && stream.write(framed(piece))) sent++;
        if (sent++ < 64) stream.once('drain', more);
      };
      more();
    });
    let received = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stream = await channel.open('/a/b', Buffer.alloc(0), {
      onMessage: (message) => {
        if (message.length !== piece.length) throw new Error(`${message.length} bytes`);
        if (++received === 64) resolve();
      },
      onEnd: () => undefined,
    });
    stream.pause();
    await expect.poll(() => received, { timeout: 10_000 }).toBeGreaterThanOrEqual(16);
    expect(received).toBeLessThanOrEqual(17);
    stream.resume();
    await promise;
    stream.cancel();
  });

  it('says where it could not connect', async () => {
    const channel = createGrpcChannel('http://127.0.0.1:1', {});
    await expect(channel.unary('/a/b', Buffer.alloc(0), 10_000)).rejects.toMatchObject({
      code: grpcCodes.unavailable,
      message: expect.stringContaining('127.0.0.1:1') as string,
    });
  });
});
