// /metrics in Prometheus' text: what upstream's dashboards ask a kubelet first, and this process's own weight.
import type { DnsCounters } from '../dns/responder.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import { isTerminalPhase } from '../kubelet/plan/pod-phase.ts';
import { kubernetesVersion } from '../../machinery/kubernetes-version.ts';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

/** All metrics of the agent, from what it knows at this moment. */
export function agentMetrics(
  kubelet: Kubelet,
  nodeName: string,
  startedAtMs: number,
  dns?: Readonly<DnsCounters>,
): string {
  const { observations } = kubelet.parts;
  const records = kubelet.manager.records();
  const all = observations.all();
  const containers = Map.groupBy(
    all.filter(({ kind }) => kind === 'container'),
    ({ state }) => state,
  );
  const { user, system } = process.cpuUsage();
  const one = (value: number): Sample[] => [{ value }];
  const metrics: Metric[] = [
    {
      name: 'kubelet_node_name',
      help: 'The node’s name; always 1.',
      type: 'gauge',
      samples: [{ labels: { node: nodeName }, value: 1 }],
    },
    {
      name: 'kubernetes_build_info',
      help: 'The version whose kubelet this agent behaves as; always 1.',
      type: 'gauge',
      samples: [{ labels: { git_version: kubernetesVersion, platform: `linux/${process.arch}` }, value: 1 }],
    },
    {
      name: 'kubelet_running_pods',
      help: 'Pods whose sandbox runs.',
      type: 'gauge',
      samples: one(all.filter(({ kind, state }) => kind === 'sandbox' && state === 'running').length),
    },
    {
      name: 'kubelet_running_containers',
      help: 'Containers by state.',
      type: 'gauge',
      samples: [...containers].map(([state, list]) => ({ labels: { container_state: state }, value: list.length })),
    },
    {
      name: 'kubelet_desired_pods',
      help: 'Pods that shall run here.',
      type: 'gauge',
      samples: one(records.filter(({ status, isGone }) => !isGone && !isTerminalPhase(status?.phase)).length),
    },
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the agent.',
      type: 'counter',
      samples: one((user + system) / 1e6),
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory of the agent.',
      type: 'gauge',
      samples: one(process.memoryUsage.rss()),
    },
    {
      name: 'process_start_time_seconds',
      help: 'When the agent started.',
      type: 'gauge',
      samples: one(startedAtMs / 1000),
    },
    ...(dns === undefined ? [] : dnsMetrics(dns)),
  ];
  return `${metrics.map(formatMetric).join('\n')}\n`;
}

function dnsMetrics({ queries, remembered, forwarded, failed }: Readonly<DnsCounters>): Metric[] {
  const counter = (name: string, help: string, value: number): Metric => ({
    name: `pilothouse_dns_${name}_total`,
    help,
    type: 'counter',
    samples: [{ value }],
  });
  return [
    counter('queries', 'Questions that this node’s DNS was asked.', queries),
    counter('remembered', 'Questions about the cluster that were answered from memory.', remembered),
    counter('forwarded', 'Questions that other resolvers were asked.', forwarded),
    counter('failed', 'Forwarded questions that nobody answered.', failed),
  ];
}

function formatMetric({ name, help, type, samples }: Metric): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
}
