// The console in a browser: serves the built renderer and a WebSocket on loopback, to whoever holds a one-time token.
// Guarantees: requests with a foreign Host or Origin are refused (no DNS rebinding); nothing but the entrance page is
// answered without a session; the token works once.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ServerMessage } from '../api/console/index.ts';
import type { Services } from './services/contract.ts';
import { servePort } from './services/serve-port.ts';
import { securityHeaders } from './shell/content-policy.ts';
import { readStaticFile } from './shell/static-files.ts';
import { createWebSessions } from './shell/web-session.ts';

export interface WebShellOptions {
  readonly services: Services;
  /** The folder of the built renderer (`dist/renderer`). */
  readonly distDir: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly host?: string;
}

export interface WebShell {
  /** Opens the console once: it holds a fresh one-time token. */
  readonly url: string;
  readonly port: number;
  /** Another address with another one-time token. */
  newUrl(): string;
  /** Ends every connection and frees the port. The services stay: whoever made them closes them. */
  close(): Promise<void>;
}

// The entrance hands over by a page of its own, as a Strict cookie is not sent along a redirect from elsewhere.
const entrance =
  '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><link rel="icon" href="data:,"><title>Pilothouse</title>';
const refusal =
  '<!doctype html><meta charset="utf-8"><title>Pilothouse</title><h1>This address is not open to you</h1>' +
  '<p>The link works once. Run <code>npx --no-install pilothouse console --web</code> for a new one.</p>' +
  '<h1 lang="zh-CN">此地址未对您开放</h1><p lang="zh-CN">链接只能使用一次。请运行上面的命令获取新链接。</p>';

const maxMessageBytes = 8 * 1024 * 1024;

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function portOf(socket: WebSocket): Parameters<typeof servePort>[1] {
  return {
    send: (message: ServerMessage) => socket.send(JSON.stringify(message)),
    onMessage: (listener) => {
      socket.on('message', (data, isBinary) => {
        if (isBinary) return;
        try {
          listener(JSON.parse(data.toString()));
        } catch {
          socket.close(1007, 'not JSON');
        }
      });
    },
    onClose: (listener) => {
      socket.on('close', listener);
      socket.on('error', () => socket.terminate());
    },
  };
}

/** Starts the web shell and answers its address. */
export async function runWebShell(options: WebShellOptions): Promise<WebShell> {
  const host = options.host ?? '127.0.0.1';
  const server: Server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const port = (server.address() as AddressInfo).port;
  const names = new Set([`${host}:${port}`, `localhost:${port}`, `127.0.0.1:${port}`]);
  const sessions = createWebSessions(`pilothouse-${port}`);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes });

  const isOurs = (request: IncomingMessage): boolean => names.has(request.headers.host ?? '');

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const respond = (status: number, headers: Record<string, string>, body: string | Buffer): void => {
      const connect = `ws://${request.headers.host ?? ''}`;
      response.writeHead(status, { ...securityHeaders(connect), ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const html = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
    if (!isOurs(request)) return response.writeHead(421).end() as unknown as void;
    if (request.method !== 'GET' && request.method !== 'HEAD') return respond(405, { allow: 'GET, HEAD' }, '');
    const url = new URL(request.url ?? '/', `http://${host}:${port}`);
    if (url.pathname === '/open') {
      const session = request.method === 'GET' ? sessions.redeem(url.searchParams.get('token') ?? '') : undefined;
      if (session !== undefined) return respond(200, { ...html, 'set-cookie': sessions.cookieFor(session) }, entrance);
      return sessions.isAllowed(request.headers.cookie) ? respond(200, html, entrance) : respond(401, html, refusal);
    }
    if (!sessions.isAllowed(request.headers.cookie)) return respond(401, html, refusal);
    const file = await readStaticFile(options.distDir, url.pathname, String(request.headers['accept-encoding'] ?? ''));
    if (file === undefined) return respond(404, { 'content-type': 'text/plain' }, 'not found');
    respond(200, { ...file.headers }, file.body);
  };

  server.on('request', (request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (!isOurs(request)) return refuse(socket, '421 Misdirected Request');
    if (request.headers.origin !== `http://${request.headers.host ?? ''}`) return refuse(socket, '403 Forbidden');
    if (!sessions.isAllowed(request.headers.cookie)) return refuse(socket, '401 Unauthorized');
    if (request.url !== '/console') return refuse(socket, '404 Not Found');
    sockets.handleUpgrade(request, socket, head, (client) => servePort(options.services, portOf(client)));
  });

  const newUrl = (): string => `http://${host}:${port}/open?token=${sessions.issueToken()}`;
  return {
    url: newUrl(),
    port,
    newUrl,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
