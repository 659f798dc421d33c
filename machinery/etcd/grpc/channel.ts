// A gRPC server and the way to it: connects when first called, again when the connection has ended, and counts a server
// that cannot be reached as unavailable. Nothing is retried here.
import { connect as connectPlain, isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../../clock.ts';
import { GrpcError, grpcCodes } from './call.ts';
import type { CallEvents } from './call.ts';
import { GrpcConnection } from './connection.ts';
import type { OpenCall } from './connection.ts';

const connectTimeoutMs = 5_000;

/** How to show ourselves and whom to trust; PEM texts. */
export interface GrpcCredentials {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Another way to a server than a TCP connection from here: a stream that somebody else opens. */
export type Dial = (host: string, port: number) => Promise<Duplex>;

export interface GrpcChannel {
  /** One message there, one back; rejects with GrpcError. */
  unary(path: string, message: Uint8Array, timeoutMs: number): Promise<Buffer>;
  /** A stream both ways; rejects with GrpcError when there is no connection. */
  open(path: string, first: Uint8Array, events: CallEvents): Promise<OpenCall>;
  /** Who we are from the next connection on. */
  setCredentials(credentials: GrpcCredentials): void;
  close(): void;
}

/** A channel to `https://host:port`, `http://host:port` or `unix:///path`, a socket that file permissions guard. */
export function createGrpcChannel(endpoint: string, credentials: GrpcCredentials, dial?: Dial): GrpcChannel {
  const url = new URL(endpoint);
  const isSecure = url.protocol === 'https:';
  let current: GrpcConnection | undefined;
  let opening: Promise<GrpcConnection> | undefined;
  let isClosed = false;

  const open = async (): Promise<GrpcConnection> => {
    const socket = await openSocket(url, isSecure ? credentials : undefined, dial);
    const connection = new GrpcConnection(socket, url.host || 'localhost', isSecure);
    if (isClosed) connection.close();
    return connection;
  };
  const connect = async (): Promise<GrpcConnection> => {
    opening ??= open().finally(() => (opening = undefined));
    current = await opening;
    return current;
  };

  const call = (connection: GrpcConnection, path: string, message: Uint8Array, timeoutMs: number): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      let answer: Buffer | undefined;
      connection.call(path, message, {
        timeoutMs,
        events: {
          onMessage: (received) => (answer = received),
          onEnd(failure) {
            if (failure !== undefined) reject(failure);
            else if (answer !== undefined) resolve(answer);
            else reject(new GrpcError(grpcCodes.internal, 'the server answered nothing'));
          },
        },
      });
    });

  return {
    unary(path, message, timeoutMs) {
      if (current !== undefined && !current.isOver) return call(current, path, message, timeoutMs);
      return connect().then((connection) => call(connection, path, message, timeoutMs));
    },
    async open(path, first, events) {
      const connection = current !== undefined && !current.isOver ? current : await connect();
      return connection.open(path, first, events);
    },
    setCredentials(next) {
      credentials = next;
    },
    close() {
      isClosed = true;
      current?.close('this client was closed');
    },
  };
}

async function openSocket(url: URL, credentials: GrpcCredentials | undefined, dial?: Dial): Promise<Socket> {
  const where = url.host || url.pathname;
  const through = dial === undefined ? undefined : await dialed(dial, url);
  return new Promise((resolve, reject) => {
    const socket = connectTo(url, credentials, through);
    const fail = (cause: Error): void => {
      socket.destroy();
      reject(new GrpcError(grpcCodes.unavailable, `connecting to ${where}: ${cause.message}`, cause));
    };
    socket.setTimeout(connectTimeoutMs, () => fail(new Error(`no answer within ${connectTimeoutMs} ms`)));
    socket.once('error', fail);
    socket.once(credentials === undefined ? 'connect' : 'secureConnect', () => {
      socket.setTimeout(0);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

/** Dialed streams are for TLS alone: what carries them need not be trusted. One that comes too late is not used. */
function dialed(dial: Dial, url: URL): Promise<Duplex> {
  if (url.protocol !== 'https:')
    return Promise.reject(new GrpcError(grpcCodes.internal, `${url.host} is not asked by https`));
  return new Promise((resolve, reject) => {
    let isLate = false;
    const fail = (cause: unknown): void => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      reject(new GrpcError(grpcCodes.unavailable, `connecting to ${url.host}: ${reason}`, cause));
    };
    const cancel = systemClock.setTimeout(() => {
      isLate = true;
      fail(new Error(`no answer within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    dial(hostOf(url), Number(url.port || 443)).then(
      (stream) => {
        cancel();
        if (isLate) stream.destroy();
        else resolve(stream);
      },
      (cause: unknown) => {
        cancel();
        fail(cause);
      },
    );
  });
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function connectTo(url: URL, credentials: GrpcCredentials | undefined, through: Duplex | undefined): Socket {
  if (url.protocol === 'unix:') return connectPlain({ path: decodeURIComponent(url.pathname) });
  const host = hostOf(url);
  const port = Number(url.port || (credentials === undefined ? 80 : 443));
  if (credentials === undefined) return connectPlain({ host, port });
  return connectTls({
    // Also beside a given stream the host says whose certificate it must be.
    host,
    ...(through === undefined ? { port } : { socket: through }),
    ...credentials,
    servername: isIP(host) ? '' : host,
    ALPNProtocols: ['h2'],
  });
}
