import { createServer, type ServerHttp2Session } from 'node:http2';
import { createServer as createPlainServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { EndpointPool } from './endpoint-pool.ts';
import type { GrpcChannel } from './grpc/index.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  endings.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An endpoint that answers what `leads` says of it, and how often it was asked to write. */
async function createMember(leads: () => boolean): Promise<{ url: string; writes: () => number }> {
  let writes = 0;
  const sessions: ServerHttp2Session[] = [];
  const server = createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    if (headers[':path']?.endsWith('/Txn') === true) writes += 1;
    const trailers = leads()
      ? { 'grpc-status': '0' }
      : { 'grpc-status': '14', 'grpc-message': 'etcdserver: no leader' };
    stream.on('error', () => undefined).resume();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(Buffer.alloc(5));
  });
  endings.push(() => sessions.forEach((session) => session.destroy()));
  return { url: await listen(server), writes: () => writes };
}

/** An endpoint that nothing comes back from: cut off by the network. */
function createSilence(): Promise<string> {
  const sockets: Socket[] = [];
  endings.push(() => sockets.forEach((socket) => socket.destroy()));
  return listen(createPlainServer((socket) => sockets.push(socket.on('error', () => undefined))));
}

function createPool(...endpoints: string[]): EndpointPool {
  const pool = new EndpointPool({ endpoints });
  endings.push(() => pool.close());
  return pool;
}

const write = (channel: GrpcChannel): Promise<Buffer> => channel.unary('/etcdserverpb.KV/Txn', Buffer.alloc(0), 60_000);

test('an endpoint without a leader is left for one that serves, past one that is silent', async () => {
  const [home, silence, other] = [
    await createMember(() => false),
    await createSilence(),
    await createMember(() => true),
  ];
  const pool = createPool(home.url, silence, other.url);
  await expect(pool.call('writing', write)).rejects.toThrow(/no leader/);
  await pool.call('writing', write);
  expect(other.writes()).toBe(1);
});

test('where no endpoint serves, each call is refused by its own machine, and the next that serves is found', async () => {
  let leads = false;
  const home = await createMember(() => leads);
  const pool = createPool(home.url, await createSilence(), await createSilence());
  for (let i = 1; i <= 5; i += 1) {
    await expect(pool.call('writing', write)).rejects.toThrow(/no leader/);
    expect(home.writes()).toBe(i);
  }
  leads = true;
  await pool.call('writing', write);
});

test('a call that may run twice is answered once any endpoint serves', async () => {
  let leads = false;
  const [home, other] = [await createMember(() => leads), await createMember(() => leads)];
  const pool = createPool(home.url, other.url);
  const answered = pool.callAny('reading', write);
  await expect.poll(() => home.writes()).toBeGreaterThan(1);
  leads = true;
  await answered;
});
