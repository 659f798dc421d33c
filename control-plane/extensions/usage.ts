// pilothouse.io/v1 usage: what a machine, pod or workload used, as recorded with every console closed.
//   GET …/usage?kind=Node&name=N                                   a machine
//   GET …/namespaces/NS/usage?kind=Deployment&name=N[&from=T&to=T&points=P]   a workload's pods together, those of the past too
// Times are RFC 3339; by default the last hour in 120 points. Figures that are not known are left out of a point.
import { badRequest } from '../../api/meta/status.ts';
import { figureNames } from '../usage/round.ts';
import { seriesOf } from '../usage/series-of.ts';
import type { UsageReader } from '../usage/usage-reader.ts';
import type { ExtensionRequest } from '../server/options.ts';
import { readSpan } from './usage-span.ts';

const longestMs = 31 * 24 * 3_600_000;
const mostPoints = 1_000;

/** Answers a request for `usage`. Throws ApiError BadRequest. */
export async function serveUsage(
  reader: UsageReader,
  { info, query }: ExtensionRequest,
  nowMs: number,
): Promise<object> {
  const { from, to } = readSpan({ from: query.get('from'), to: query.get('to') }, nowMs, longestMs);
  const points = Number(query.get('points') ?? 120);
  if (!Number.isInteger(points) || points < 1 || points > mostPoints)
    throw badRequest(`points must be a whole number from 1 to ${mostPoints}`);
  const [kind, name] = [query.get('kind') ?? '', query.get('name') ?? ''];
  if (name === '') throw badRequest('name must say whose usage is wanted');
  if ((kind === 'Node') !== (info.namespace === ''))
    throw badRequest('usage of nodes is asked of the cluster, that of pods and workloads of their namespace');
  const subject = { kind, name, namespace: info.namespace, container: query.get('container') ?? undefined };
  const found = await reader.read({ isWanted: seriesOf(subject), from, to, points });
  const items = found
    .filter(({ series }) => series > 0)
    .map((point) => ({
      time: new Date(point.time).toISOString(),
      ...(kind !== 'Node' && kind !== 'Pod' && { pods: point.series }),
      ...Object.fromEntries(
        figureNames
          .filter((figure) => !Number.isNaN(point[figure]))
          .map((figure) => [figure, Math.round(point[figure])]),
      ),
    }));
  return {
    apiVersion: 'pilothouse.io/v1',
    kind: 'Usage',
    metadata: {},
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    items,
  };
}
