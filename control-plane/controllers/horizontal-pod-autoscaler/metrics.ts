// The figures that autoscalers go by, asked of metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io.
import type { CrossVersionObjectReference, MetricIdentifier } from '../../../api/kinds/autoscaling/index.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { PodMetrics } from './replica-count.ts';
import { formatLabelSelector } from '../../../api/meta/selectors.ts';
import { quantityToNumber } from '../../../api/meta/quantity.ts';
import { requestJson } from '../../../machinery/request.ts';

export interface MetricsReader {
  /** A resource of every pod that a selector matches, of one container or of all. */
  resource(namespace: string, selector: string, name: string, container?: string): Promise<PodMetrics>;
  pods(namespace: string, selector: string, metric: Readonly<MetricIdentifier>): Promise<PodMetrics>;
  /** In milli-units. */
  object(
    namespace: string,
    target: Readonly<CrossVersionObjectReference>,
    metric: Readonly<MetricIdentifier>,
  ): Promise<number>;
  /** The values of all series that match, in milli-units. */
  external(namespace: string, metric: Readonly<MetricIdentifier>): Promise<number[]>;
}

interface PodMetricsList {
  items: {
    metadata: { name: string };
    timestamp: string;
    window: string;
    containers: { name: string; usage: Record<string, string> }[];
  }[];
}
interface MetricValueList {
  items: { describedObject?: { name: string }; timestamp: string; windowSeconds?: number; value: string }[];
}

const custom = '/apis/custom.metrics.k8s.io/v1beta2';
const external = '/apis/external.metrics.k8s.io/v1beta1';

/** Asks through the API server; fails with what it answers, such as NotFound where nobody serves the figures. */
export function createMetricsReader(client: RestClient, signal: AbortSignal): MetricsReader {
  const get = <R>(path: string, query: Record<string, string | undefined>): Promise<R> =>
    requestJson<R>(client.request, { method: 'GET', path, query, headers: { accept: 'application/json' }, signal });
  const selectorOf = (metric: Readonly<MetricIdentifier>): string | undefined =>
    metric.selector ? formatLabelSelector(metric.selector) : undefined;
  const milli = (text: string): number => Math.round(quantityToNumber(text) * 1000);

  return {
    async resource(namespace, labelSelector, name, container) {
      const { items } = await get<PodMetricsList>(`/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`, {
        labelSelector,
      });
      const values = new Map<string, number>();
      for (const { metadata, containers } of items) {
        const chosen = container === undefined ? containers : containers.filter((one) => one.name === container);
        const usages = chosen.map(({ usage }) => usage[name]);
        // A pod of which a container has no figure yet counts as missing.
        if (usages.length === 0 || usages.includes(undefined)) continue;
        values.set(
          metadata.name,
          usages.reduce((sum, usage) => sum + milli(usage ?? '0'), 0),
        );
      }
      const [first] = items;
      return {
        values,
        atMs: Date.parse(first?.timestamp ?? '') || 0,
        windowMs: Number.parseFloat(first?.window ?? '60') * 1000,
      };
    },
    async pods(namespace, labelSelector, metric) {
      const path = `${custom}/namespaces/${namespace}/pods/*/${metric.name}`;
      const { items } = await get<MetricValueList>(path, { labelSelector, metricLabelSelector: selectorOf(metric) });
      const [first] = items;
      return {
        values: new Map(items.map(({ describedObject, value }) => [describedObject?.name ?? '', milli(value)])),
        atMs: Date.parse(first?.timestamp ?? '') || 0,
        windowMs: (first?.windowSeconds ?? 60) * 1000,
      };
    },
    async object(namespace, target, metric) {
      const plural = `${target.kind.toLowerCase()}${target.kind.endsWith('s') ? 'es' : 's'}`;
      const group = target.apiVersion?.includes('/') ? `.${target.apiVersion.split('/')[0]}` : '';
      const path =
        target.kind === 'Namespace'
          ? `${custom}/namespaces/${target.name}/metrics/${metric.name}`
          : `${custom}/namespaces/${namespace}/${plural}${group}/${target.name}/${metric.name}`;
      const { items } = await get<MetricValueList>(path, { metricLabelSelector: selectorOf(metric) });
      if (items[0] === undefined) throw new Error(`no figure for ${metric.name} of ${target.kind} ${target.name}`);
      return milli(items[0].value);
    },
    async external(namespace, metric) {
      const { items } = await get<MetricValueList>(`${external}/namespaces/${namespace}/${metric.name}`, {
        labelSelector: selectorOf(metric),
      });
      if (items.length === 0) throw new Error(`no figure for the external metric ${metric.name}`);
      return items.map(({ value }) => milli(value));
    },
  };
}
