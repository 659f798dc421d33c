// Hands a request to the server that answers for its group version, and its answer back, streams and upgrades included.
import { pipeline } from 'node:stream/promises';
import { serviceUnavailable } from '../../../api/meta/status.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { User } from '../authentication/user.ts';
import type { Exchange } from '../http/exchange.ts';
import { passThrough } from '../kubelet/upgrade.ts';
import type { RemoteApi } from './aggregator.ts';
import { frontProxyHeaders } from './front-proxy.ts';
import type { RemoteClient } from './remote-client.ts';

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'trailer', 'upgrade', 'proxy-authenticate']);

/** Forwards; answers 503 while the server is known not to answer, or when it cannot be reached. */
export async function serveRemote(
  client: RemoteClient,
  { service, isAvailable }: RemoteApi,
  exchange: Exchange,
  user: User,
  logger: Logger,
): Promise<void> {
  const what = `the server of APIService ${service.metadata.name}`;
  if (!isAvailable) throw serviceUnavailable(`${what} is not available`);
  const path = exchange.request.url ?? exchange.path;
  const headers = frontProxyHeaders(exchange.headers, user, {
    address: exchange.peer.address,
    path: exchange.path,
    isUpgrade: exchange.upgrade !== undefined,
  });
  const unreachable = (cause: unknown): Error =>
    serviceUnavailable(`error trying to reach ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  if (exchange.upgrade !== undefined) {
    const { socket, host } = await client
      .connect(service)
      .catch((cause: unknown) => Promise.reject(unreachable(cause)));
    const identified = Object.assign(Object.create(exchange) as Exchange, { headers });
    return passThrough(identified, socket, path, host);
  }
  const { method, signal, request: body } = exchange;
  const answer = await client
    .request(service, { method, path, headers, body, signal })
    .catch((cause: unknown) => Promise.reject(unreachable(cause)));
  const kept = Object.entries(answer.headers).filter(([name, value]) => value !== undefined && !hopByHop.has(name));
  exchange.response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
  exchange.response.flushHeaders();
  await pipeline(answer, exchange.response).catch((error: unknown) => {
    if (!signal.aborted) logger.debug({ err: error }, 'an aggregated answer ended early');
  });
}
