import { describe, expect, it } from 'vitest';
import type { Kubelet } from '../kubelet/kubelet.ts';
import { ended, observed, pod, sandbox } from '../testing/pods.ts';
import { agentMetrics } from './metrics.ts';

describe('the agent’s metrics', () => {
  const kubelet = {
    parts: { observations: { all: () => [sandbox(), observed('app'), ended('old', 1)] } },
    manager: {
      records: () => [
        { pod: pod(), isGone: false },
        { pod: pod(), isGone: true },
      ],
    },
  } as unknown as Kubelet;
  const counters = { queries: 7, remembered: 4, forwarded: 2, failed: 1 };
  const lines = agentMetrics(kubelet, 'node-1', 5_000, counters).split('\n');

  it.each([
    'kubelet_node_name{node="node-1"} 1',
    'kubelet_running_pods 1',
    'kubelet_running_containers{container_state="running"} 1',
    'kubelet_running_containers{container_state="exited"} 1',
    'kubelet_desired_pods 1',
    'process_start_time_seconds 5',
    'pilothouse_dns_queries_total 7',
    'pilothouse_dns_failed_total 1',
    '# TYPE process_cpu_seconds_total counter',
  ])('hold %s', (line) => {
    expect(lines).toContain(line);
  });
});
