import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { serveSpdy } from './connection.ts';
import type { SpdyStream } from './connection.ts';
import { createHeaderReader, createHeaderWriter } from './header-block.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function pair(): Promise<[Socket, Socket]> {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const client = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
  const other = await accepted;
  closers.push(() => (client.destroy(), other.destroy(), server.close()));
  return [client, other];
}

function frame(head: number[], payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  Buffer.from(head).copy(header);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}
const uint32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
const fin = 1;
const data = (id: number, payload: string, flags = 0): Buffer => frame([...uint32(id), flags], Buffer.from(payload));

it('answers a stream, carries data both ways, and ends each side by itself', async () => {
  const [client, served] = await pair();
  const streams: SpdyStream[] = [];
  serveSpdy(served, (stream) => {
    streams.push(stream);
    void text(stream).then((words) => stream.end(`got ${words}`));
  });
  const pack = createHeaderWriter();
  const open = Buffer.concat([
    uint32(1),
    uint32(0),
    Buffer.from([0, 0]),
    await pack({ streamtype: 'data', port: '80' }),
  ]);
  client.write(Buffer.concat([frame([0x80, 3, 0, 1, 0], open), data(1, 'one '), data(1, 'two', fin)]));

  const received: { type: number; flags: number; payload: Buffer }[] = [];
  let buffered = Buffer.alloc(0);
  for await (const chunk of client as AsyncIterable<Buffer>) {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 8 && buffered.length >= 8 + buffered.readUIntBE(5, 3)) {
      const size = buffered.readUIntBE(5, 3);
      const type = (buffered[0] ?? 0) & 0x80 ? buffered.readUInt16BE(2) : 0;
      received.push({ type, flags: buffered[4] ?? 0, payload: buffered.subarray(8, 8 + size) });
      buffered = buffered.subarray(8 + size);
    }
    if (received.some(({ type, flags }) => type === 0 && flags === fin)) break;
  }
  expect(streams[0]?.headers).toEqual({ streamtype: 'data', port: '80' });
  const [reply, ...rest] = received;
  expect(reply?.type).toBe(2);
  expect(await createHeaderReader()(reply?.payload.subarray(4) ?? Buffer.alloc(0))).toEqual({});
  expect(Buffer.concat(rest.map(({ payload }) => payload)).toString()).toBe('got one two');
});

it('echoes a ping', async () => {
  const [client, served] = await pair();
  serveSpdy(served, () => undefined);
  const ping = frame([0x80, 3, 0, 6, 0], uint32(7));
  client.write(ping);
  const echoed = await new Promise<Buffer>((resolve) => void client.once('data', resolve));
  expect(echoed).toEqual(ping);
});

it('ends with a client that sends nonsense', async () => {
  const [client, served] = await pair();
  serveSpdy(served, () => undefined);
  client.write(frame([0x80, 3, 0, 1, 0], Buffer.from('xx')));
  await new Promise((resolve) => void client.once('close', resolve));
});
