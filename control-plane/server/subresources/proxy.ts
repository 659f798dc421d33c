// proxy subresources of pods, services and nodes: the request goes on as it came, to what the name means.
// Upgrades pass through as raw bytes. Names read "name", "name:port" or "scheme:name:port".
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflate } from 'node:zlib';
import { badRequest, serviceUnavailable } from '../../../api/meta/status.ts';
import type { NodeClient } from '../kubelet/node-client.ts';
import { addressOfNode } from '../kubelet/pod-target.ts';
import { passThrough } from '../kubelet/upgrade.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ServerParts } from '../parts.ts';
import type { ResourceHandler } from '../resource-routes.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { createLinkRewriter, prefixedUrl } from './rewrite-links.ts';
import { resolvePod, resolveService, splitProxyName, type ProxyTarget } from './proxy-targets.ts';

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'authorization',
  'http2-settings',
]);
const plainAgent = new HttpAgent({ keepAlive: true, maxSockets: 256, timeout: 0 });
// Whoever may proxy may reach the pod anyhow; its certificate names nothing that could be checked.
const tlsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 256, rejectUnauthorized: false });

/** The path and query that the target sees. */
function targetPath(exchange: Exchange, request: ResourceRequest): string {
  const query = exchange.query.size === 0 ? '' : `?${exchange.query}`;
  return `${request.info.rest === '' ? '/' : request.info.rest}${query}`;
}

/** The handler of `pods/proxy` or `services/proxy`. */
export function createProxyHandler(kind: 'pods' | 'services'): ResourceHandler {
  return async (parts, request) => {
    const { exchange, info } = request;
    const name = splitProxyName(info.name);
    const target = await (kind === 'pods' ? resolvePod : resolveService)(parts, info.namespace, name);
    const path = targetPath(exchange, request);
    if (exchange.upgrade !== undefined) return passThrough(exchange, await openSocket(target), path, hostOf(target));
    if (redirectToRoot(exchange, request)) return;
    const prefix = `/api/v1/namespaces/${info.namespace}/${kind}/${info.name}/proxy`;
    await forward(parts, exchange, await send(exchange, target, path), prefix);
  };
}

/**
 * A page at `…/proxy` would resolve its links beside itself: browsers are sent to `…/proxy/`, as upstream does it.
 * Other methods go to the target's root.
 */
function redirectToRoot(exchange: Exchange, { info }: ResourceRequest): boolean {
  const isReading = exchange.method === 'GET' || exchange.method === 'HEAD';
  if (!isReading || info.rest !== '' || exchange.path.endsWith('/')) return false;
  const query = exchange.query.size === 0 ? '' : `?${exchange.query}`;
  exchange.response.setHeader('location', `${exchange.path}/${query}`);
  exchange.send(301, 'text/html; charset=utf-8', '');
  return true;
}

/** The handler of `nodes/proxy`: the agent's own paths. */
export function createNodeProxyHandler(client: NodeClient): ResourceHandler {
  return async (parts, request) => {
    const { exchange, info } = request;
    const { name, port } = splitProxyName(info.name);
    const address = await addressOfNode(parts, name, client.fallbackPort);
    // Only the agent can be asked this way: other ports of a machine are no business of the API's.
    if (port !== '' && Number(port) !== address.port)
      throw badRequest(`node ${name} serves its API on port ${address.port}, not on ${port}`);
    const path = targetPath(exchange, request);
    if (exchange.upgrade !== undefined)
      return passThrough(exchange, await client.connect(address), path, `${address.host}:${address.port}`);
    if (redirectToRoot(exchange, request)) return;
    const headers = forwardedHeaders(exchange);
    const answer = await client.request(address, {
      method: exchange.method,
      path,
      headers,
      body: exchange.request,
      signal: exchange.signal,
    });
    await forward(parts, exchange, answer, `/api/v1/nodes/${info.name}/proxy`);
  };
}

function forwardedHeaders(exchange: Exchange): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(exchange.headers)) {
    if (!hopByHop.has(name) && !name.startsWith(':') && !name.startsWith('impersonate-')) headers[name] = value;
  }
  headers['x-forwarded-uri'] = exchange.path;
  headers['x-forwarded-for'] = exchange.peer.address;
  return headers;
}

function hostOf({ host, port }: ProxyTarget): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function send(exchange: Exchange, target: ProxyTarget, path: string): Promise<IncomingMessage> {
  const { host, port, isTls } = target;
  const options = {
    host,
    port,
    path,
    method: exchange.method,
    headers: { ...forwardedHeaders(exchange), host: hostOf(target) },
    signal: exchange.signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = isTls
      ? httpsRequest({ ...options, agent: tlsAgent }, resolve)
      : httpRequest({ ...options, agent: plainAgent }, resolve);
    outgoing.on('error', (cause) =>
      reject(serviceUnavailable(`error trying to reach service: ${cause.message}`, { cause })),
    );
    exchange.request.pipe(outgoing);
  });
}

function openSocket(target: ProxyTarget): Promise<Socket> {
  const { host, port, isTls } = target;
  return new Promise((resolve, reject) => {
    const socket = isTls ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port });
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause) =>
      reject(serviceUnavailable(`error trying to reach service: ${cause.message}`, { cause })),
    );
  });
}

function isHtml(headers: Readonly<Record<string, string | string[]>>): boolean {
  const type = headers['content-type'];
  return typeof type === 'string' && /^text\/html\b/i.test(type);
}

/** What makes a page readable; undefined when it comes in an encoding that is not understood and so passes as it is. */
function decoderOf(encoding: string | string[] | undefined): NodeJS.ReadWriteStream[] | undefined {
  if (encoding === undefined || encoding === 'identity') return [];
  if (encoding === 'gzip') return [createGunzip()];
  return encoding === 'deflate' ? [createInflate()] : undefined;
}

/** Passes the answer on; redirects and the links of pages stay inside the proxy. */
async function forward(parts: ServerParts, exchange: Exchange, answer: IncomingMessage, prefix: string): Promise<void> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
  const { location } = headers;
  if (typeof location === 'string') headers['location'] = prefixedUrl(location, prefix);
  const decoder = isHtml(headers) ? decoderOf(headers['content-encoding']) : undefined;
  const steps: (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[] = [answer];
  if (decoder !== undefined) {
    steps.push(...decoder, createLinkRewriter(prefix));
    delete headers['content-encoding'];
    delete headers['content-length'];
  }
  exchange.response.writeHead(answer.statusCode ?? 502, headers);
  exchange.response.flushHeaders();
  await pipeline([...steps, exchange.response]).catch((error: unknown) => {
    if (!exchange.signal.aborted) parts.logger.debug({ err: error }, 'a proxied answer ended early');
  });
}
