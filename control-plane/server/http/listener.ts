// The one TLS port: HTTP/2 and HTTP/1.1, optional client certificates, upgrades. Owns connections and their graceful end.
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEFAULT_CIPHERS, type TLSSocket } from 'node:tls';
import type { Logger } from '../../../machinery/logger.ts';
import type { NodeRequest, NodeResponse } from './exchange.ts';

/** What the listener needs. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly clientCa: string;
  readonly logger: Logger;
  onRequest(request: NodeRequest, response: NodeResponse): void;
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** A connection that ended before its TLS handshake did. */
  onHandshakeError?(): void;
}

/** The open port. */
export interface Listener {
  readonly port: number;
  /** What the next connections meet; those that stand are not touched. */
  setCertificates(certificates: Pick<ListenerOptions, 'certificate' | 'key' | 'clientCa'>): void;
  /** Stops accepting, lets running answers finish for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

const maxConnections = 20_000;
/** AES-128 first, as Go's servers have it: a third less to compute for both sides of a large list. */
const quickest = 'TLS_AES_128_GCM_SHA256';
const ciphers = [quickest, ...DEFAULT_CIPHERS.split(':').filter((name) => name !== quickest)].join(':');
/** What a request line and its headers may take together. */
const maxHeaderBytes = 256 * 1024;
/** Connections that have not said hello: beyond this the oldest of them is cut. */
const mostHandshakes = 4_000;

/** Opens the port; resolves when it is bound. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
    cert: options.certificate,
    key: options.key,
    ca: options.clientCa,
    minVersion: 'TLSv1.2',
    ciphers,
    handshakeTimeout: 10_000,
    settings: { maxConcurrentStreams: 1000, initialWindowSize: 1 << 20 },
    // Slow senders of headers or bodies are cut; answers may take as long as they like.
    ...{
      headersTimeout: 15_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 180_000,
      // Long selectors stand in the path.
      maxHeaderSize: maxHeaderBytes,
      connectionsCheckingInterval: 10_000,
      noDelay: true,
    },
  });
  server.maxConnections = maxConnections;
  limitHandshakes(server);
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', (error) => options.logger.debug({ err: error }, 'an HTTP/2 session failed'));
  });
  server.on('request', options.onRequest);
  server.on('upgrade', options.onUpgrade);
  server.on('tlsClientError', (_error: Error, socket: Socket) => {
    options.onHandshakeError?.();
    socket.destroy();
  });
  server.on('clientError', (error: Error, socket: Socket) => refuseMalformed(error, socket));
  await bind(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    setCertificates: ({ certificate, key, clientCa }) =>
      server.setSecureContext({ cert: certificate, key, ca: clientCa, minVersion: 'TLSv1.2', ciphers }),
    close: (graceMs) => closeGracefully(server, sockets, sessions, graceMs),
  };
}

function bind(server: Http2SecureServer, { host, port }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  const reason = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  if (socket.writable) socket.end(`HTTP/1.1 ${reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  else socket.destroy();
}

/** Who opens connections and says nothing pushes out others who do so, and nobody else. */
function limitHandshakes(server: Http2SecureServer): void {
  const silent = new Map<string, Socket>();
  const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    silent.set(name, socket);
    socket.once('close', () => {
      if (silent.get(name) === socket) silent.delete(name);
    });
    const [oldest] = silent;
    if (silent.size <= mostHandshakes || oldest === undefined) return;
    silent.delete(oldest[0]);
    oldest[1].destroy();
  });
  server.on('secureConnection', (socket: TLSSocket) => silent.delete(nameOf(socket)));
}

async function closeGracefully(
  server: Http2SecureServer,
  sockets: ReadonlySet<TLSSocket>,
  sessions: ReadonlySet<ServerHttp2Session>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const session of sessions) session.close();
  // Idle HTTP/1.1 connections would otherwise be waited for.
  (server as unknown as { closeIdleConnections?(): void }).closeIdleConnections?.();
  const cut = setTimeout(() => {
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}
