// Counts requests in the metrics as they come and go.
import type { Clock } from '../../machinery/clock.ts';
import type { Exchange } from './http/exchange.ts';
import type { RequestLabels, RequestMetrics } from './metrics/request-metrics.ts';
import type { ServedResources } from './served/served-resources.ts';
import type { RequestInfo } from './request/request-info.ts';

/** What the pipeline tells of one request. */
export interface Observer {
  /** It has begun; `isLong`: it lasts as long as its client wants. */
  begin(exchange: Exchange, info: RequestInfo, isLong: boolean): void;
  /** It is over, with the answer's code; without `info` its path made no sense, and it never began. */
  end(exchange: Exchange, info: RequestInfo | undefined, isLong: boolean, startedMs: number): void;
  authenticated(isBelieved: boolean, startedMs: number): void;
  authorized(isAllowed: boolean): void;
}

/** The pipeline's observer. */
export function observeRequests(
  metrics: RequestMetrics,
  clock: Clock,
  served: Pick<ServedResources, 'find'>,
): Observer {
  const sinceSeconds = (startedMs: number): number => (clock.now() - startedMs) / 1000;
  const labelsOf = (exchange: Exchange, info: RequestInfo | undefined): RequestLabels => {
    // Paths that name nothing share one series: a client cannot grow the metrics by inventing names.
    if (info?.isResource !== true || served.find(info.group, info.version, info.resource) === undefined)
      return { ...nothing, verb: verbs.has(exchange.method) ? exchange.method : 'other' };
    const { group, version, resource, subresource, namespace, name } = info;
    const scope = name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
    const dryRun = exchange.query.size > 0 && exchange.query.has('dryRun');
    return { verb: verbLabel(info.verb, subresource), group, version, resource, subresource, scope, dryRun };
  };
  return {
    begin(exchange, info, isLong) {
      if (isLong) metrics.longRunning(labelsOf(exchange, info), 1);
      else metrics.inFlight(kindOf(exchange), 1);
    },
    end(exchange, info, isLong, startedMs) {
      const labels = labelsOf(exchange, info);
      metrics.count(labels, exchange.response.statusCode, sinceSeconds(startedMs), exchange.sentBytes, isLong);
      if (info === undefined) return;
      if (isLong) metrics.longRunning(labels, -1);
      else metrics.inFlight(kindOf(exchange), -1);
    },
    authenticated: (isBelieved, startedMs) =>
      metrics.authenticated(isBelieved ? 'success' : 'failure', sinceSeconds(startedMs)),
    authorized: (isAllowed) => metrics.authorized(isAllowed ? 'allowed' : 'denied'),
  };
}

const nothing = { group: '', version: '', resource: '', subresource: '', scope: '', dryRun: false } as const;
const verbs = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function kindOf({ method }: Exchange): 'readOnly' | 'mutating' {
  return method === 'GET' || method === 'HEAD' ? 'readOnly' : 'mutating';
}

const connecting = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);
const labels: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};

function verbLabel(verb: string, subresource: string): string {
  return connecting.has(subresource) ? 'CONNECT' : (labels[verb] ?? verb.toUpperCase());
}
