// From an authorized request to whoever answers it: resources, discovery, health, metrics, version.
import type { Aggregator, RemoteApi } from './aggregation/aggregator.ts';
import { serveRemote } from './aggregation/serve-remote.ts';
import type { ServiceAccountTokens } from './authentication/service-account-tokens.ts';
import { fencedStore, fenceHeader } from '../fencing.ts';
import type { User } from './authentication/user.ts';
import type { Discovery } from './discovery/serve-discovery.ts';
import type { OpenApi } from './discovery/serve-openapi.ts';
import { serveIssuer } from './discovery/serve-oidc.ts';
import { serveHealth, type Health } from './health.ts';
import { decodeBody, readBody } from './http/body.ts';
import type { Exchange } from './http/exchange.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { ServerParts } from './parts.ts';
import type { Route } from './pipeline.ts';
import type { ApiExtension } from './options.ts';
import { splitPath, type RequestInfo, type ResourceRequestInfo } from './request/request-info.ts';
import { serveResource, unknownResource, type SubresourceHandlers } from './resource-routes.ts';
import { versionDocument } from './version.ts';

/** What routing knows. */
export interface RouteOptions {
  readonly parts: ServerParts;
  readonly discovery: Discovery;
  readonly openApi: OpenApi;
  readonly tokens: ServiceAccountTokens;
  /** Host and port that clients reach. */
  readonly address: () => string;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly subresources: SubresourceHandlers;
  readonly overrides?: SubresourceHandlers;
  readonly extensions?: readonly ApiExtension[];
  readonly aggregator: Aggregator;
}

const rootPaths = [
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

/** Builds the routing function. */
export function createRoute(options: RouteOptions): Route {
  const { parts, subresources, overrides = {} } = options;
  const { aggregator } = options;
  return async (exchange: Exchange, info: RequestInfo, user: User) => {
    const remote = info.isResource ? remoteOfResource(aggregator, info) : remoteOfPath(aggregator, exchange.path);
    if (remote !== undefined) return serveRemote(aggregator.client, remote, exchange, user, parts.logger);
    if (info.isResource) {
      const definition = parts.served.find(info.group, info.version, info.resource);
      if (definition === undefined) return serveExtension(options, exchange, info);
      const header = exchange.headers[fenceHeader];
      const scoped = typeof header === 'string' ? { ...parts, store: fencedStore(parts.store, header) } : parts;
      return serveResource(scoped, { exchange, info, user, definition }, subresources, overrides);
    }
    await serveOther(options, exchange);
  };
}

function remoteOfResource(aggregator: Aggregator, { group, version }: ResourceRequestInfo): RemoteApi | undefined {
  return group === '' ? undefined : aggregator.remote(group, version);
}

/** Documents of another server's group version: its discovery, its OpenAPI. */
function remoteOfPath(aggregator: Aggregator, path: string): RemoteApi | undefined {
  const [, group, version] = /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? [];
  return group === undefined || version === undefined ? undefined : aggregator.remote(group, version);
}

/** Hands a request to the extension of its group. */
async function serveExtension(options: RouteOptions, exchange: Exchange, info: ResourceRequestInfo): Promise<void> {
  const { group, version } = info;
  const extension = options.extensions?.find((one) => one.group === group && one.version === version);
  if (extension === undefined) throw unknownResource();
  const { code, body } = await extension.serve({
    info,
    query: exchange.query,
    body: async () => decodeBody(await readBody(exchange.request), exchange.headers['content-type']),
    signal: exchange.signal,
  });
  exchange.send(code, 'application/json', JSON.stringify(body));
}

async function serveOther(options: RouteOptions, exchange: Exchange): Promise<void> {
  const segments = splitPath(exchange.path);
  const [root] = segments;
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') throw unknownResource();
  if (serveIssuer(options.tokens, exchange, options.address)) return;
  if (root === undefined) return sendJson(exchange, { paths: rootPaths });
  if (root === 'api' || root === 'apis') {
    if (options.discovery.serve(exchange, segments)) return;
  } else if (root === 'version') return sendJson(exchange, versionDocument);
  else if (root === 'metrics' && segments.length === 1)
    return exchange.send(200, 'text/plain; version=0.0.4; charset=utf-8', await options.metrics.format());
  else if (root === 'pilothouse' && segments[1] === 'v1' && segments[2] === 'health' && segments.length === 3)
    return sendJson(exchange, await storeHealth(options));
  else if (root === 'openapi') {
    if (await options.openApi.serve(exchange, segments)) return;
  } else if (await serveHealth(options.health, exchange, segments)) return;
  throw unknownResource();
}

/** What the console's health screen shows of the store. */
async function storeHealth({ parts }: RouteOptions): Promise<object> {
  const { kind, members } = await parts.store.health();
  return { store: { kind }, members };
}

function sendJson(exchange: Exchange, value: unknown): void {
  exchange.send(200, 'application/json', JSON.stringify(value));
}
