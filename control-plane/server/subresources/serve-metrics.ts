// Serves metrics.k8s.io for `kubectl top`, from what the agents tell.
import { nodes, pods, type Node, type Pod } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { notFound } from '../../../api/meta/status.ts';
import { createCollector, type Collector } from '../../extensions/metrics/collector.ts';
import { nodeMetricsOf, podMetricsOf, type Summary } from '../../extensions/metrics/summary.ts';
import { answerObject, formOf } from '../http/answer.ts';
import type { NodeClient } from '../kubelet/node-client.ts';
import { nodeAddressOf } from '../kubelet/node-address.ts';
import type { ServerParts } from '../parts.ts';
import type { SubresourceHandlers } from '../resource-routes.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { parseSelection } from '../registry/selection.ts';
import type { Clock } from '../../../machinery/clock.ts';

const patienceMs = 5_000;

/** Handlers by `group/plural`. */
export function createMetricsHandlers(client: NodeClient, clock: Clock): SubresourceHandlers {
  const collector = createCollector({ clock, fetchSummary: (node) => fetchSummary(client, node) });
  return {
    'metrics.k8s.io/nodes': (parts, request) => answer(parts, request, () => ofNodes(parts, collector, request)),
    'metrics.k8s.io/pods': (parts, request) => answer(parts, request, () => ofPods(parts, collector, request)),
  };
}

async function fetchSummary(client: NodeClient, node: Readonly<Node>): Promise<Summary> {
  const address = nodeAddressOf(node, client.fallbackPort);
  const response = await client.request(address, {
    method: 'GET',
    path: '/stats/summary',
    headers: {},
    signal: AbortSignal.timeout(patienceMs),
  });
  let text = '';
  for await (const part of response) text += String(part);
  if (response.statusCode !== 200) throw new Error(`the agent answered ${response.statusCode}`);
  return JSON.parse(text) as Summary;
}

async function ofNodes(
  parts: ServerParts,
  collector: Collector,
  { info }: ResourceRequest,
): Promise<KubernetesObject[]> {
  const all = await parts.reader.list<Node>(nodes, '');
  const wanted = info.name === '' ? all : all.filter(({ metadata }) => metadata.name === info.name);
  const collected = await collector.collect(wanted);
  return collected.flatMap(
    ({ node, summary }) => nodeMetricsOf(node.metadata.name, node.metadata.labels, summary, parts.clock.now()) ?? [],
  );
}

async function ofPods(
  parts: ServerParts,
  collector: Collector,
  { info }: ResourceRequest,
): Promise<KubernetesObject[]> {
  const all = await parts.reader.list<Pod>(pods, info.namespace);
  const wanted = new Map(
    all
      .filter(({ metadata }) => info.name === '' || metadata.name === info.name)
      .map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod]),
  );
  const nodeNames = new Set([...wanted.values()].map(({ spec }) => spec.nodeName));
  const hosts = (await parts.reader.list<Node>(nodes, '')).filter(({ metadata }) => nodeNames.has(metadata.name));
  const collected = await collector.collect(hosts);
  return collected
    .flatMap(({ summary }) => podMetricsOf(summary, parts.clock.now()))
    .flatMap((metrics) => {
      const pod = wanted.get(`${metrics.metadata.namespace}/${metrics.metadata.name}`);
      return pod === undefined ? [] : [{ ...metrics, metadata: { ...metrics.metadata, labels: pod.metadata.labels } }];
    });
}

async function answer(
  parts: ServerParts,
  request: ResourceRequest,
  find: () => Promise<KubernetesObject[]>,
): Promise<void> {
  const { exchange, definition, info } = request;
  const selection = parseSelection(definition, exchange.query);
  const found = (await find()).filter((object) => selection.matches(object));
  const form = formOf(exchange);
  const [first] = found;
  if (info.name !== '') {
    if (first === undefined) throw notFound(definition, info.name);
    return answerObject(exchange, 200, first, form);
  }
  answerObject(
    exchange,
    200,
    { kind: definition.listKind, apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items: found },
    form,
  );
}
