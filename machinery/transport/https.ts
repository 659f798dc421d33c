// Requests to any of a cluster's equal API servers, over one kept-alive HTTP/2 session each (HTTP/1.1 where the server
// speaks no HTTP/2). Stays with a server that works and moves to the next when it does not. A request that the server
// cannot have processed is sent again; of others only GET is, and only while no answer has begun.
import type { ClusterAccess } from '../kubeconfig.ts';
import type { Logger } from '../logger.ts';
import type { Transport, TransportRequest, TransportResponse, Upgraded } from './contract.ts';
import type { Connection, Connector } from './connection.ts';
import { isApiError } from '../../api/meta/status.ts';
import { silentLogger } from '../logger.ts';
import { unreachable } from '../request.ts';
import { createConnector, isUnprocessed } from './connection.ts';
import { createCredentials } from './credentials.ts';
import { openWebSocket } from './websocket.ts';

export interface HttpsTransportOptions {
  /** Start with any server, not the first: spreads many clients over the servers. */
  spread?: boolean;
  /** 5,000 by default. */
  connectTimeoutMs?: number;
  /** Between two PINGs of an idle session; one unanswered for as long ends it. 10,000 by default. */
  keepAliveMs?: number;
  logger?: Logger;
}

/** A transport to the servers of `access`; nothing is opened before the first request. */
export function createHttpsTransport(access: ClusterAccess, options: HttpsTransportOptions = {}): Transport {
  const { spread = false, connectTimeoutMs = 5_000, keepAliveMs = 10_000, logger = silentLogger } = options;
  if (access.servers.length === 0) throw new TypeError('a cluster needs at least one server');
  const credentials = createCredentials(access);
  const connectors = access.servers.map((server) => createConnector(server, access, { connectTimeoutMs, keepAliveMs }));
  let preferred = spread ? Math.floor(Math.random() * connectors.length) : 0;
  let closed = false;

  /** Tries each server once, the preferred one first. */
  const reach = async <R>(attempt: (connector: Connector) => Promise<R>): Promise<R> => {
    let failure: unknown;
    for (let step = 0; step < connectors.length; step++) {
      if (closed) throw unreachable('this client is closed', failure);
      const at = (preferred + step) % connectors.length;
      const connector = connectors[at] as Connector;
      try {
        const result = await attempt(connector);
        if (step > 0) logger.info({ server: connector.server }, 'moved to another API server');
        preferred = at;
        return result;
      } catch (error) {
        if (!isApiError(error, 'ServiceUnavailable')) throw error;
        failure = error;
      }
    }
    throw failure;
  };

  /** A server that accepts and cannot answer, e.g. a master that is cut off from the others: the next call tries another. */
  const leave = (used: number): void => {
    if (preferred === used) preferred = (used + 1) % connectors.length;
  };

  const request = async (one: TransportRequest): Promise<TransportResponse> => {
    const authorized = { ...one, headers: { ...one.headers, ...credentials.headers() } };
    for (let attempts = 1; ; attempts++) {
      one.signal?.throwIfAborted();
      const connection: Connection = await reach((connector) => connector.connect());
      const used = preferred;
      try {
        const response = await connection.request(authorized);
        if (response.status === 503) leave(used);
        return response;
      } catch (error) {
        if (one.signal?.aborted) {
          if (isTimeout(one.signal.reason)) leave(used);
          throw one.signal.reason;
        }
        const mayRepeat = isUnprocessed(error) || (one.method === 'GET' && isApiError(error, 'ServiceUnavailable'));
        if (!mayRepeat || attempts > connectors.length || closed) throw error;
      }
    }
  };

  return {
    request,
    upgrade: (one, protocols): Promise<Upgraded> =>
      reach((connector) =>
        openWebSocket(connector.server, connector.tls, one, protocols, credentials.headers(), connectTimeoutMs),
      ),
    close() {
      closed = true;
      for (const connector of connectors) connector.close();
    },
  };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}
