// Connections to one API server: TLS, then HTTP/2 or HTTP/1.1 as the server chooses by ALPN. One HTTP/2 session is
// shared by all requests and replaced when it ends; callers that arrive while it is being opened wait for the same one.
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { ClusterAccess } from '../kubeconfig.ts';
import type { TransportRequest, TransportResponse } from './contract.ts';
import { unreachable } from '../request.ts';
import { createHttp1Connection } from './http1.ts';
import { createHttp2Connection } from './http2.ts';

export interface Connection {
  request(request: TransportRequest): Promise<TransportResponse>;
  /** No new request may use it. */
  readonly ended: boolean;
  close(): void;
}

export interface Connector {
  readonly server: string;
  readonly tls: ConnectionOptions;
  connect(): Promise<Connection>;
  close(): void;
}

export interface ConnectorOptions {
  connectTimeoutMs: number;
  keepAliveMs: number;
}

const unprocessed = new WeakSet<object>();

/** Marks an error as of a request that the server certainly has not processed. */
export function markUnprocessed<E extends object>(error: E): E {
  unprocessed.add(error);
  return error;
}
export function isUnprocessed(error: unknown): boolean {
  return typeof error === 'object' && error !== null && unprocessed.has(error);
}

/** Nothing is opened before `connect`. */
export function createConnector(server: string, access: ClusterAccess, options: ConnectorOptions): Connector {
  const url = new URL(server);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'http:' ? 80 : 443));
  // Read for every connection: certificates may be renewed while this client lives.
  const tls = (): ConnectionOptions => ({
    ca: access.ca,
    cert: access.cert,
    key: access.key,
    rejectUnauthorized: access.insecure !== true,
    servername: access.serverName ?? (isIP(host) ? '' : host),
  });
  let current: Connection | undefined;
  let opening: Promise<Connection> | undefined;

  const open = async (): Promise<Connection> => {
    if (url.protocol === 'http:') return createHttp1Connection(url, undefined);
    const socket = await openTls(
      { ...tls(), host, port, ALPNProtocols: ['h2', 'http/1.1'] },
      server,
      options.connectTimeoutMs,
    );
    if (socket.alpnProtocol === 'h2') return createHttp2Connection(url, socket, options.keepAliveMs);
    socket.destroy();
    return createHttp1Connection(url, tls());
  };

  return {
    server,
    get tls() {
      return tls();
    },
    async connect() {
      if (current !== undefined && !current.ended) return current;
      opening ??= open().finally(() => (opening = undefined));
      current = await opening;
      return current;
    },
    close() {
      current?.close();
      void opening?.then(
        (connection) => connection.close(),
        () => undefined,
      );
    },
  };
}

function openTls(options: ConnectionOptions, server: string, timeoutMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      socket.destroy();
      reject(markUnprocessed(unreachable(`connecting to ${server}: ${cause.message}`, cause)));
    };
    const socket = connectTls(options);
    socket.setTimeout(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
