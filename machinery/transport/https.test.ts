// The transport against real TLS servers on loopback.
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { connect as connectTcp, createServer as createTcp } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { isApiError } from '../../api/meta/status.ts';
import type { KeyedCertificate } from '../pki/index.ts';
import { createAuthority, issueCertificate } from '../pki/index.ts';
import { createHttpsTransport } from './https.ts';
import { upgradedOf } from './websocket.ts';

let ca: KeyedCertificate;
let serving: KeyedCertificate;
const cleanups: (() => void)[] = [];

beforeAll(async () => {
  ca = await createAuthority('test-ca');
  serving = await issueCertificate(ca, { commonName: 'server', sans: ['127.0.0.1'], usages: ['server'], days: 1 });
});
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

async function startServer(
  handler: Handler,
  port = 0,
): Promise<{ url: string; port: number; server: Http2SecureServer; stop(): Promise<void> }> {
  const server = createSecureServer({ cert: serving.cert, key: serving.key, allowHTTP1: true }, handler);
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const at = (server.address() as AddressInfo).port;
  const stop = (): Promise<void> => {
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  cleanups.push(() => void stop());
  return { url: `https://127.0.0.1:${at}`, port: at, server, stop };
}

function transportTo(servers: string[], more: object = {}) {
  const transport = createHttpsTransport(
    { servers, ca: ca.cert, ...more },
    { connectTimeoutMs: 1_000, keepAliveMs: 200 },
  );
  cleanups.push(() => transport.close());
  return transport;
}

describe('the HTTPS transport', () => {
  it('keeps an answer that is read late, however large and however busy the process is meanwhile', async () => {
    const large = 'x'.repeat(5_000_000);
    const { url } = await startServer((request, response) => {
      response.end(request.url === '/large' ? large : `answer to ${request.url}`);
    });
    const transport = transportTo([url]);
    const paths = ['/large', ...Array.from({ length: 100 }, (_, index) => `/${index}`)];
    const answers = await Promise.all(paths.map((path) => transport.request({ method: 'GET', path })));
    const busyUntilMs = performance.now() + 50;
    while (performance.now() < busyUntilMs);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(texts).toEqual(paths.map((path) => (path === '/large' ? large : `answer to ${path}`)));
  });

  it('sends method, path, query, token and body over one HTTP/2 session', async () => {
    let sessions = 0;
    const { url, server } = await startServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.setHeader('x-version', request.httpVersion);
        response.end(
          `${request.method} ${request.url} ${request.headers.authorization} ${Buffer.concat(chunks).toString()}`,
        );
      });
    });
    server.on('session', () => sessions++);
    const transport = transportTo([url], { token: 'secret' });
    const answers = await Promise.all(
      [1, 2, 3].map(async (n) => {
        const response = await transport.request({
          method: 'POST',
          path: '/api/v1/pods',
          query: { n, none: undefined, of: ['a', 'b'] },
          body: `body ${n}`,
        });
        expect(response.headers['x-version']).toBe('2.0');
        return response.text();
      }),
    );
    expect(answers[1]).toBe('POST /api/v1/pods?n=2&of=a&of=b Bearer secret body 2');
    expect(sessions).toBe(1);
  });

  it('falls back to HTTP/1.1 where the server has no HTTP/2', async () => {
    const server = createHttps({ cert: serving.cert, key: serving.key }, (request, response) =>
      response.end(`${request.httpVersion} ${request.url}`),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => (server.closeAllConnections(), server.close()));
    const transport = transportTo([`https://127.0.0.1:${(server.address() as AddressInfo).port}`]);
    const response = await transport.request({ method: 'GET', path: '/version', query: { pretty: true } });
    expect(await response.text()).toBe('1.1 /version?pretty=true');
  });

  it('moves to the next server when one cannot be reached, and stays there', async () => {
    const dead = await startServer(() => undefined);
    await dead.stop();
    const { url } = await startServer((_request, response) => response.end('alive'));
    const transport = transportTo([dead.url, url]);
    for (let round = 0; round < 3; round++) {
      expect(await (await transport.request({ method: 'POST', path: '/' })).text()).toBe('alive');
    }
  });

  it('leaves a server that accepts and does not answer in time, or is unavailable', async () => {
    const silent = await startServer(() => undefined);
    const unable = await startServer((_request, response) => response.writeHead(503).end());
    const { url } = await startServer((_request, response) => response.end('alive'));
    const transport = transportTo([silent.url, unable.url, url]);
    const post = { method: 'POST', path: '/' };
    await expect(transport.request({ ...post, signal: AbortSignal.timeout(100) })).rejects.toThrow();
    expect((await transport.request(post)).status).toBe(503);
    expect(await (await transport.request(post)).text()).toBe('alive');
  });

  it('takes renewed certificates for new connections', async () => {
    const { url } = await startServer((_request, response) => response.end('one'));
    const access = { servers: [url], ca: 'nonsense' as string | undefined };
    const transport = createHttpsTransport(access);
    await expect(transport.request({ method: 'GET', path: '/' })).rejects.toThrow();
    access.ca = ca.cert;
    expect(await (await transport.request({ method: 'GET', path: '/' })).text()).toBe('one');
    transport.close();
  });

  it('connects anew after the server was restarted', async () => {
    const first = await startServer((_request, response) => response.end('first'));
    const transport = transportTo([first.url]);
    expect(await (await transport.request({ method: 'GET', path: '/' })).text()).toBe('first');
    await first.stop();
    await expect(transport.request({ method: 'GET', path: '/' })).rejects.toSatisfy((error) =>
      isApiError(error, 'ServiceUnavailable'),
    );
    await startServer((_request, response) => response.end('second'), first.port);
    expect(await (await transport.request({ method: 'GET', path: '/' })).text()).toBe('second');
  });

  it('does not send a POST twice that the server may have processed', async () => {
    let posts = 0;
    const { url } = await startServer((request) => {
      posts++;
      request.stream.session?.destroy();
    });
    const transport = transportTo([url]);
    await expect(transport.request({ method: 'POST', path: '/' })).rejects.toSatisfy((error) =>
      isApiError(error, 'ServiceUnavailable'),
    );
    expect(posts).toBe(1);
  });

  it('throws, and does not merely end, when a body is cut short', async () => {
    const { url } = await startServer((request, response) => {
      response.write('half');
      setTimeout(() => request.stream.session?.destroy(), 50);
    });
    const transport = transportTo([url]);
    const response = await transport.request({ method: 'GET', path: '/' });
    await expect(response.text()).rejects.toSatisfy((error) => isApiError(error, 'ServiceUnavailable'));
  });

  it('cancels a stream that its reader leaves, and one whose signal aborts', async () => {
    let closed = 0;
    const { url } = await startServer((request, response) => {
      response.write('line\n');
      request.stream.on('close', () => closed++);
    });
    const transport = transportTo([url]);
    const left = await transport.request({ method: 'GET', path: '/' });
    for await (const _chunk of left.body) break;
    const ending = new AbortController();
    const aborted = await transport.request({ method: 'GET', path: '/', signal: ending.signal });
    setTimeout(() => ending.abort(new Error('enough')), 20);
    await expect(aborted.text()).rejects.toThrow('enough');
    await expect.poll(() => closed).toBe(2);
  });

  it('notices a peer that answers no PING and fails its streams', async () => {
    const { port } = await startServer((_request, response) => void response.write('line\n'));
    const links: Socket[] = [];
    const wire = createTcp((near) => {
      const far = connectTcp(port, '127.0.0.1');
      links.push(
        near.on('error', () => undefined),
        far.on('error', () => undefined),
      );
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => (wire.close(), links.forEach((link) => link.destroy())));
    const transport = transportTo([`https://127.0.0.1:${(wire.address() as AddressInfo).port}`]);
    const response = await transport.request({ method: 'GET', path: '/' });
    for (const link of links) link.unpipe().pause(); // the cable is cut; neither end hears of it
    await expect(response.text()).rejects.toSatisfy((error) => isApiError(error, 'ServiceUnavailable'));
  });

  it('refuses a server whose certificate another authority signed', async () => {
    const { url } = await startServer((_request, response) => response.end());
    const other = await createAuthority('other-ca');
    const transport = transportTo([url], { ca: other.cert });
    await expect(transport.request({ method: 'GET', path: '/' })).rejects.toThrow(/certificate|signature|verif/i);
  });

  it('opens WebSockets with a subprotocol, and throws the Status of a refusal', async () => {
    const { url, server } = await startServer(() => undefined);
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'v5.channel.k8s.io' });
    server.on('upgrade', (request, socket, head) => {
      if (request.url !== '/exec?command=ls&command=-l') {
        const body = JSON.stringify({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          reason: 'Forbidden',
          message: 'not you',
          code: 403,
        });
        socket.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const channel = upgradedOf(webSocket);
        void (async () => {
          for await (const message of channel.messages)
            await channel.send(Buffer.from(`echo ${Buffer.from(message).toString()}`));
        })();
      });
    });
    const transport = transportTo([url]);
    const channel = await transport.upgrade({ path: '/exec', query: { command: ['ls', '-l'] } }, ['v5.channel.k8s.io']);
    expect(channel.protocol).toBe('v5.channel.k8s.io');
    await channel.send(Buffer.from('hello'));
    for await (const message of channel.messages) {
      expect(Buffer.from(message).toString()).toBe('echo hello');
      break;
    }
    await expect(transport.upgrade({ path: '/exec', query: {} }, ['v5.channel.k8s.io'])).rejects.toSatisfy((error) =>
      isApiError(error, 'Forbidden'),
    );
  });
});
