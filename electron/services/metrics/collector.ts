// Asks a cluster's metrics.k8s.io while somebody looks, and a while after, so that coming back finds a past.
// Guarantees: one question at a time; bounded memory (an hour of machines, a quarter of an hour of pods' samples).
import { z } from 'zod';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import type { Unsubscribe } from '../contract.ts';
import { bytesOf, milliOf, timeOf } from '../projections/read.ts';
import { createUsageHistory, type UsageHistory } from './usage-history.ts';

const everyMs = 15_000;
const lingerMs = 15 * 60_000;
const samplesOfNodes = 240;
const samplesOfPods = 60;
const mostNodes = 2000;
const mostPods = 5000;
const mostContainers = 10_000;

const usage = z.object({ cpu: z.string().default('0'), memory: z.string().default('0') });
const nodeList = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }), timestamp: z.string().optional(), usage })),
});
const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      containers: z.array(z.object({ name: z.string(), usage })),
    }),
  ),
});

export interface MetricsCollector {
  readonly available: boolean | undefined;
  readonly nodes: UsageHistory;
  /** By `namespace/name`. */
  readonly pods: UsageHistory;
  /** By `namespace/name/container`. */
  readonly containers: UsageHistory;
  /** Collects until the returned function is called, and a while longer. */
  look(onChange: () => void): Unsubscribe;
}

const byClient = new WeakMap<RestClient, MetricsCollector>();

async function ask<T>(
  client: RestClient,
  path: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const response = await client.request({ method: 'GET', path, signal });
  const text = await response.text();
  if (response.status !== 200) return undefined;
  return schema.safeParse(JSON.parse(text)).data;
}

function createMetricsCollector(client: RestClient, clock: Clock, closed: AbortSignal): MetricsCollector {
  const nodes = createUsageHistory(samplesOfNodes, mostNodes);
  const pods = createUsageHistory(samplesOfPods, mostPods);
  const containers = createUsageHistory(samplesOfPods, mostContainers);
  const listeners = new Set<() => void>();
  let available: boolean | undefined;
  let lastLookMs = 0;
  let running = false;

  const round = async (): Promise<void> => {
    const [nodeAnswer, podAnswer] = await Promise.all([
      ask(client, '/apis/metrics.k8s.io/v1beta1/nodes', nodeList, closed),
      ask(client, '/apis/metrics.k8s.io/v1beta1/pods', podList, closed),
    ]);
    available = nodeAnswer !== undefined;
    const at = timeOf(nodeAnswer?.items[0]?.timestamp) ?? clock.now();
    const figures = ({ cpu, memory }: z.infer<typeof usage>): [number, number] => [milliOf(cpu), bytesOf(memory)];
    nodes.add(at, new Map((nodeAnswer?.items ?? []).map((one) => [one.metadata.name, figures(one.usage)])));
    const perPod = new Map<string, [number, number]>();
    const perContainer = new Map<string, [number, number]>();
    for (const { metadata, containers: parts } of podAnswer?.items ?? []) {
      const key = `${metadata.namespace}/${metadata.name}`;
      const sum: [number, number] = [0, 0];
      for (const part of parts) {
        const own = figures(part.usage);
        sum[0] += own[0];
        sum[1] += own[1];
        perContainer.set(`${key}/${part.name}`, own);
      }
      perPod.set(key, sum);
    }
    pods.add(at, perPod);
    containers.add(at, perContainer);
  };
  const run = async (): Promise<void> => {
    running = true;
    while (!closed.aborted && (listeners.size > 0 || clock.now() - lastLookMs < lingerMs)) {
      await round().catch(() => (available ??= false)); // asked again soon; screens keep what they have
      for (const listener of [...listeners]) listener();
      await clock.sleep(everyMs, closed);
    }
    running = false;
  };
  return {
    get available() {
      return available;
    },
    nodes,
    pods,
    containers,
    look(onChange) {
      listeners.add(onChange);
      if (!running) void run();
      return () => {
        listeners.delete(onChange);
        lastLookMs = clock.now();
      };
    },
  };
}

/** The collector of a cluster's session. */
export function metricsOf(client: RestClient, clock: Clock, closed: AbortSignal): MetricsCollector {
  const known = byClient.get(client) ?? createMetricsCollector(client, clock, closed);
  byClient.set(client, known);
  return known;
}
