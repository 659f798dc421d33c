// /healthz, /pods, /stats/summary, /metrics and /metrics/resource: what the node says of itself.
import { resourceMetrics, statsSummary } from '../kubelet/stats/summary.ts';
import { agentMetrics } from './metrics.ts';
import type { Served } from './routes.ts';

type Context = Served['context'];
type Request = Served['request'];

export async function serveHealth(_context: Context, { response }: Request): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
}

export async function servePods({ kubelet }: Context, { response }: Request): Promise<void> {
  const items = kubelet.manager.records().map(({ pod, status }) => ({ ...pod, status: status ?? pod.status }));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items }));
}

export async function serveSummary(
  { kubelet, identity, options, startedAtMs }: Context,
  { response }: Request,
): Promise<void> {
  const summary = await statsSummary(identity.name, options.dataDir, await kubelet.usage.read(), startedAtMs);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(summary));
}

export async function serveMetrics(
  { kubelet, identity, startedAtMs, dnsCounters }: Context,
  { response }: Request,
): Promise<void> {
  const text = agentMetrics(kubelet, identity.name, startedAtMs, await dnsCounters?.());
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}

export async function serveResourceMetrics({ kubelet }: Context, { response }: Request): Promise<void> {
  const text = resourceMetrics(await kubelet.usage.read());
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}
