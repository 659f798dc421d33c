// Reaches aggregated servers over TLS: checked against the APIService's own authority, shown the front proxy's certificate.
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { APIService } from '../../../api/kinds/apiregistration/index.ts';
import type { LocateService } from './locate-service.ts';

/** The certificate that the front proxy shows. */
export interface FrontProxyIdentity {
  readonly certificate: string;
  readonly key: string;
}

export interface RemoteRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Readable;
  readonly signal: AbortSignal;
}

export interface RemoteClient {
  /** Resolves when the answer's headers are there. */
  request(service: Readonly<APIService>, request: RemoteRequest): Promise<IncomingMessage>;
  /** An encrypted connection for an upgrade, and the host it is for. */
  connect(service: Readonly<APIService>): Promise<{ socket: TLSSocket; host: string }>;
  /** A small document as JSON; rejects for codes other than 2xx. */
  fetch(
    service: Readonly<APIService>,
    path: string,
    headers: OutgoingHttpHeaders,
    signal: AbortSignal,
  ): Promise<unknown>;
  close(): void;
}

type Target = ConnectionOptions & { readonly host: string; readonly port: number };

const largestDocumentBytes = 32 * 1024 * 1024;

/** Creates the client. */
export function createRemoteClient(locate: LocateService, identity: FrontProxyIdentity | undefined): RemoteClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: 0 });

  const target = async ({ spec }: Readonly<APIService>): Promise<Target> => {
    const { name = '', namespace = '', port = 443 } = spec.service ?? {};
    const address = await locate({ name, namespace, port });
    return {
      ...address,
      servername: `${name}.${namespace}.svc`,
      ca: spec.caBundle === undefined ? undefined : Buffer.from(spec.caBundle, 'base64').toString(),
      rejectUnauthorized: spec.insecureSkipTLSVerify !== true,
      cert: identity?.certificate,
      key: identity?.key,
    };
  };

  const request = async (service: Readonly<APIService>, wanted: RemoteRequest): Promise<IncomingMessage> => {
    const { method, path, headers, body, signal } = wanted;
    const to = await target(service);
    const host = `${to.servername}:${to.port}`;
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest({ ...to, agent, method, path, headers: { ...headers, host }, signal }, resolve);
      outgoing.on('error', reject);
      if (body === undefined) outgoing.end();
      else body.pipe(outgoing);
    });
  };

  return {
    request,
    async connect(service) {
      const to = await target(service);
      return new Promise((resolve, reject) => {
        const socket = connect({ ...to, ALPNProtocols: ['http/1.1'] });
        socket.once('secureConnect', () => {
          socket.removeAllListeners('error');
          resolve({ socket, host: `${to.servername}:${to.port}` });
        });
        socket.once('error', reject);
      });
    },
    async fetch(service, path, headers, signal) {
      const answer = await request(service, {
        method: 'GET',
        path,
        headers: { accept: 'application/json', ...headers },
        signal,
      });
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > largestDocumentBytes) throw new Error('the answer is too large');
        chunks.push(chunk);
      }
      const code = answer.statusCode ?? 0;
      if (code < 200 || code > 299) throw new Error(`bad status: ${code}`);
      return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
    },
    close: () => agent.destroy(),
  };
}
