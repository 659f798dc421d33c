// Speaks to agents with the API server's own client certificate: whole requests (logs, proxies) and raw upgrades.
// The agent's certificate must come from the cluster's authority; on loopback (simulated nodes) it may be self-signed.
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Readable } from 'node:stream';
import { serviceUnavailable } from '../../../api/meta/status.ts';
import type { ApiServerOptions } from '../options.ts';
import type { NodeAddress } from './node-address.ts';

/** One request to an agent. */
export interface NodeRequestOptions {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Readable;
  readonly signal: AbortSignal;
}

/** Reaches agents. */
export interface NodeClient {
  /** Resolves when the answer's headers are there. */
  request(address: NodeAddress, options: NodeRequestOptions): Promise<IncomingMessage>;
  /** An encrypted connection for a request that will be upgraded. */
  connect(address: NodeAddress): Promise<TLSSocket>;
  /** The port when a node does not tell one. */
  readonly fallbackPort: number | undefined;
  close(): void;
}

const connectTimeoutMs = 10_000;

/** Creates the client; without kubelet credentials every call answers 503. */
export function createNodeClient(kubelet: ApiServerOptions['kubelet']): NodeClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 8, timeout: 0 });
  const tlsOptions = ({ host, nodeName }: NodeAddress): ConnectionOptions => {
    if (kubelet === undefined) throw serviceUnavailable('this API server has no credentials for agents');
    const isLoopback = host.startsWith('127.') || host === '::1' || host === 'localhost';
    return {
      cert: kubelet.certificate,
      key: kubelet.key,
      ca: kubelet.ca,
      rejectUnauthorized: kubelet.ca !== undefined && !isLoopback,
      // Issued for its address, or for its name: nodes may change addresses.
      checkServerIdentity: (name, certificate) => {
        const byAddress = checkServerIdentity(name, certificate);
        return byAddress === undefined ? undefined : checkServerIdentity(nodeName, certificate);
      },
    };
  };
  return {
    fallbackPort: kubelet?.port,
    close: () => agent.destroy(),
    request(address, { method, path, headers, body, signal }) {
      const options: RequestOptions = {
        ...tlsOptions(address),
        agent,
        host: address.host,
        port: address.port,
        method,
        path,
        headers,
        signal,
      };
      return new Promise((resolve, reject) => {
        const outgoing = httpsRequest(options, resolve);
        outgoing.setNoDelay(true);
        outgoing.on('socket', (socket) => {
          if (!socket.connecting) return;
          const timer = setTimeout(() => outgoing.destroy(new Error('connecting took too long')), connectTimeoutMs);
          socket.once('secureConnect', () => clearTimeout(timer));
          socket.once('close', () => clearTimeout(timer));
        });
        outgoing.on('error', (cause) => reject(unreachable(address, cause)));
        if (body === undefined) outgoing.end();
        else body.pipe(outgoing);
      });
    },
    connect(address) {
      return new Promise((resolve, reject) => {
        const socket = connect({
          ...tlsOptions(address),
          host: address.host,
          port: address.port,
          ALPNProtocols: ['http/1.1'],
          timeout: connectTimeoutMs,
        });
        socket.once('secureConnect', () => {
          socket.setTimeout(0);
          socket.setNoDelay(true);
          socket.removeAllListeners('error');
          socket.removeAllListeners('timeout');
          resolve(socket);
        });
        socket.once('timeout', () => socket.destroy(new Error('connecting took too long')));
        socket.once('error', (cause) => reject(unreachable(address, cause)));
      });
    },
  };
}

function unreachable({ nodeName, host, port }: NodeAddress, cause: Error): Error {
  return serviceUnavailable(`the agent of node ${nodeName} (${host}:${port}) could not be reached: ${cause.message}`, {
    cause,
  });
}
