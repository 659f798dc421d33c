// Counts finished requests in the metrics.
import type { Clock } from '../../machinery/clock.ts';
import type { Exchange } from './http/exchange.ts';
import type { Metrics } from './metrics.ts';
import type { ServedResources } from './served/served-resources.ts';
import type { RequestInfo } from './request/request-info.ts';

/** The pipeline's observer. */
export function observeRequests(
  metrics: Metrics,
  clock: Clock,
  served: Pick<ServedResources, 'find'>,
): (exchange: Exchange, info: RequestInfo | undefined, startedMs: number) => void {
  return (exchange, info, startedMs) => {
    const seconds = (clock.now() - startedMs) / 1000;
    const code = exchange.response.statusCode;
    // Paths that name nothing share one series: a client cannot grow the metrics by inventing names.
    if (info?.isResource === true && served.find(info.group, info.version, info.resource) !== undefined) {
      const { group, version, resource, subresource, namespace, name } = info;
      const scope = name !== '' ? 'resource' : namespace !== '' ? 'namespace' : 'cluster';
      metrics.countRequest(
        { verb: verbLabel(info.verb, info.subresource), group, version, resource, subresource, scope, code },
        seconds,
      );
    } else
      metrics.countRequest(
        { verb: exchange.method, group: '', version: '', resource: '', subresource: '', scope: '', code },
        seconds,
      );
  };
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
