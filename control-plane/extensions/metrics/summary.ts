// An agent's /stats/summary as metrics objects. Pure.
import { formatTime } from '../../../api/meta/time.ts';
import type { ContainerMetrics, NodeMetrics, PodMetrics } from './resources.ts';

interface Usage {
  readonly cpu?: { readonly time?: string; readonly usageNanoCores?: number };
  readonly memory?: { readonly time?: string; readonly workingSetBytes?: number };
}

/** The part of an agent's summary that is used here. */
export interface Summary {
  readonly node?: Usage;
  readonly pods?: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string; readonly uid?: string };
    readonly containers?: readonly (Usage & { readonly name: string })[];
  }[];
}

/** How far back agents average. */
const window = '15s';

function quantities({ cpu, memory }: Usage): Record<string, string> {
  const usage: Record<string, string> = {};
  if (cpu?.usageNanoCores !== undefined) usage['cpu'] = `${Math.round(cpu.usageNanoCores)}n`;
  if (memory?.workingSetBytes !== undefined) usage['memory'] = `${Math.round(memory.workingSetBytes / 1024)}Ki`;
  return usage;
}

const meta = (name: string, now: string, namespace?: string): NodeMetrics['metadata'] => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  uid: '',
  resourceVersion: '',
  creationTimestamp: now,
});

/** The node's own metrics; undefined when the agent has not measured yet. */
export function nodeMetricsOf(
  nodeName: string,
  labels: Readonly<Record<string, string>> | undefined,
  { node }: Summary,
  nowMs: number,
): NodeMetrics | undefined {
  if (node?.cpu?.usageNanoCores === undefined) return undefined;
  const now = formatTime(nowMs);
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'NodeMetrics',
    metadata: { ...meta(nodeName, now), ...(labels === undefined ? {} : { labels: { ...labels } }) },
    timestamp: node.cpu.time ?? now,
    window,
    usage: quantities(node),
  };
}

/** The metrics of every pod that the agent has measured. */
export function podMetricsOf({ pods = [] }: Summary, nowMs: number): PodMetrics[] {
  const now = formatTime(nowMs);
  return pods.flatMap(({ podRef, containers = [] }) => {
    const measured: ContainerMetrics[] = containers
      .filter(({ cpu }) => cpu?.usageNanoCores !== undefined)
      .map((container) => ({ name: container.name, usage: quantities(container) }));
    if (measured.length === 0) return [];
    const timestamp = containers[0]?.cpu?.time ?? now;
    return [
      {
        apiVersion: 'metrics.k8s.io/v1beta1',
        kind: 'PodMetrics',
        metadata: meta(podRef.name, now, podRef.namespace),
        timestamp,
        window,
        containers: measured,
      },
    ];
  });
}
