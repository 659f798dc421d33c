// The agent's HTTPS server on port 10250: what the API server forwards to the node (logs, exec, attach, port-forward) and
// figures. Clients prove themselves by a certificate of the cluster's CA and must be administrators (the API server is);
// only liveness is open.
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { AgentOptions } from '../flags.ts';
import type { DnsCounters } from '../dns/responder.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import type { NodeIdentity } from '../kubelet/node/node-object.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import { HttpError } from './http-error.ts';
import { routes, upgradeRoutes } from './routes.ts';
import { servingCredentials } from './serving-credentials.ts';

export interface AgentServerOptions {
  readonly options: AgentOptions;
  readonly identity: NodeIdentity;
  readonly kubelet: Kubelet;
  readonly runtime: ContainerRuntime;
  readonly startedAtMs: number;
  readonly dnsCounters?: () => Promise<DnsCounters | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AgentServer {
  listen(): Promise<void>;
  /** Reads the serving certificate and the clients' authorities anew, for the next connections. */
  reloadCertificates(): Promise<void>;
  close(): Promise<void>;
}

const administrators = 'system:masters';

export async function createAgentServer(context: AgentServerOptions): Promise<AgentServer> {
  const { options, logger } = context;
  const credentials = await servingCredentials(options);
  const server = createServer({ ...credentials, requestCert: true, rejectUnauthorized: false });
  const sockets = new Set<Duplex>();

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => {
    answer(context, request, response).catch((error: unknown) => {
      const { status, message } = describe(error);
      if (status === 500) logger.warn({ err: error, path: request.url }, 'a request failed');
      if (response.headersSent) response.destroy();
      else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    upgrade(context, request, socket, head).catch((error: unknown) => {
      const { status, message } = describe(error);
      if (status === 500) logger.warn({ err: error, path: request.url }, 'an upgrade failed');
      if (!socket.destroyed) refuse(socket, status, message);
    });
  });

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.listenPort, options.listenAddress, () => {
          server.off('error', reject);
          resolve();
        });
      }),
    reloadCertificates: async () => server.setSecureContext(await servingCredentials(options)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answer(context: AgentServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://node');
  for (const { path, isOpen, serve } of routes) {
    const match = path.exec(url.pathname);
    if (match === null) continue;
    if (isOpen !== true) authorize(request);
    const names = Object.values(match.groups ?? {}).map(decodeURIComponent);
    return serve(context, { url, names, request, response });
  }
  throw new HttpError(404, `the node serves nothing at ${url.pathname}`);
}

async function upgrade(
  context: AgentServerOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  authorize(request);
  const url = new URL(request.url ?? '/', 'https://node');
  for (const { path, serve } of upgradeRoutes) {
    const match = path.exec(url.pathname);
    if (match === null) continue;
    const names = Object.values(match.groups ?? {}).map(decodeURIComponent);
    return serve(context, { url, names, request, socket, head });
  }
  throw new HttpError(404, `the node serves nothing at ${url.pathname}`);
}

function authorize(request: IncomingMessage): void {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) throw new HttpError(401, 'Unauthorized: a client certificate of the cluster is needed');
  const { O: organizations = [] } = socket.getPeerCertificate().subject as { O?: string | string[] };
  if (![organizations].flat().includes(administrators))
    throw new HttpError(403, 'Forbidden: only the API server may ask a node');
}

function describe(error: unknown): { status: number; message: string } {
  if (error instanceof HttpError) return error;
  return { status: 500, message: error instanceof Error ? error.message : String(error) };
}

function refuse(socket: Duplex, status: number, message: string): void {
  const body = `${message}\n`;
  const head = `HTTP/1.1 ${status} ${status === 404 ? 'Not Found' : 'Error'}\r\ncontent-type: text/plain\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}
