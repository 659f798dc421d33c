// The node's figures as upstream shapes them: /stats/summary (JSON) and /metrics/resource (Prometheus text).
import { formatTime } from '../../../api/meta/time.ts';
import type { CgroupFigures } from './cgroup.ts';
import { diskFacts } from '../node/machine-facts.ts';
import { readInterfaces } from './machine-usage.ts';
import type { InterfaceFigures, MachineUsage } from './machine-usage.ts';
import type { NodeUsage, Rated } from './usage.ts';

/** The summary of https://pkg.go.dev/k8s.io/kubelet/pkg/apis/stats/v1alpha1. */
export async function statsSummary(
  nodeName: string,
  dataDir: string,
  usage: NodeUsage,
  startedAtMs: number,
): Promise<object> {
  const disk = await diskFacts(dataDir);
  const time = formatTime(usage.node.atMs);
  const fs = {
    time,
    availableBytes: disk.freeBytes,
    capacityBytes: disk.totalBytes,
    usedBytes: disk.totalBytes - disk.freeBytes,
    inodes: disk.inodes,
    inodesFree: disk.freeInodes,
    inodesUsed: disk.inodes - disk.freeInodes,
  };
  return {
    node: {
      nodeName,
      startTime: formatTime(startedAtMs),
      ...machineStats(usage.node),
      network: networkStats(readInterfaces('self'), time),
      fs,
      runtime: { imageFs: fs, containerFs: fs },
    },
    pods: [...byPod(usage)].map(podStats),
  };
}

type Measured = NodeUsage['containers'][number];

function byPod(usage: NodeUsage): Map<string, Measured[]> {
  return Map.groupBy(usage.containers, ({ observed }) => observed.podUid);
}

function podStats([uid, measured]: [string, Measured[]]): object {
  const sandbox = measured.find(({ observed }) => observed.kind === 'sandbox');
  const containers = measured.filter(({ observed }) => observed.kind === 'container');
  const [first] = measured;
  const time = formatTime(first?.usage.atMs ?? 0);
  const pid = sandbox?.observed.hostNetwork === false ? sandbox.observed.pid : undefined;
  const sum = (pick: (usage: Rated<CgroupFigures>) => number): number =>
    measured.reduce((total, { usage }) => total + pick(usage), 0);
  return {
    podRef: { name: first?.observed.podName, namespace: first?.observed.podNamespace, uid },
    startTime: formatTime(sandbox?.observed.startedAtMs ?? first?.observed.startedAtMs ?? 0),
    containers: containers.map(({ observed, usage }) => ({
      name: observed.containerName,
      startTime: formatTime(observed.startedAtMs ?? 0),
      ...containerStats(usage),
    })),
    cpu: {
      time,
      usageNanoCores: sum(({ cpuNanoCores }) => cpuNanoCores),
      usageCoreNanoSeconds: sum(({ figures }) => figures.cpuNanos),
    },
    memory: {
      time,
      usageBytes: sum(({ figures }) => figures.memoryUsageBytes),
      workingSetBytes: sum(({ figures }) => figures.memoryWorkingSetBytes),
      rssBytes: sum(({ figures }) => figures.memoryRssBytes),
    },
    ...(pid !== undefined && { network: networkStats(readInterfaces(pid), time) }),
    process_stats: { process_count: sum(({ figures }) => figures.processes) },
  };
}

function containerStats({ figures, atMs, cpuNanoCores }: Rated<CgroupFigures>): object {
  const time = formatTime(atMs);
  return {
    cpu: { time, usageNanoCores: cpuNanoCores, usageCoreNanoSeconds: figures.cpuNanos },
    memory: {
      time,
      usageBytes: figures.memoryUsageBytes,
      workingSetBytes: figures.memoryWorkingSetBytes,
      rssBytes: figures.memoryRssBytes,
      pageFaults: figures.pageFaults,
      majorPageFaults: figures.majorPageFaults,
    },
  };
}

function machineStats({ figures, atMs, cpuNanoCores }: Rated<MachineUsage>): object {
  const time = formatTime(atMs);
  return {
    cpu: { time, usageNanoCores: cpuNanoCores, usageCoreNanoSeconds: figures.cpuNanos },
    memory: {
      time,
      availableBytes: figures.memoryAvailableBytes,
      usageBytes: figures.memoryUsageBytes,
      workingSetBytes: figures.memoryWorkingSetBytes,
    },
  };
}

function networkStats(interfaces: readonly InterfaceFigures[], time: string): object {
  const [main = {}] = interfaces;
  return { time, ...main, interfaces };
}

/** Upstream's resource metrics. Pure. */
export function resourceMetrics({ node, containers }: NodeUsage): string {
  const lines: string[] = [];
  const metric = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly string[]): void => {
    lines.push(
      `# HELP ${name} [STABLE] ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map((sample) => `${name}${sample}`),
    );
  };
  const apps = containers.filter(({ observed }) => observed.kind === 'container');
  const labels = ({ observed }: Measured): string =>
    `{container="${observed.containerName}",namespace="${observed.podNamespace}",pod="${observed.podName}"}`;
  const seconds = (nanos: number): string => String(nanos / 1e9);
  metric('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [
    ` ${seconds(node.figures.cpuNanos)} ${node.atMs}`,
  ]);
  metric('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [
    ` ${node.figures.memoryWorkingSetBytes} ${node.atMs}`,
  ]);
  metric(
    'container_cpu_usage_seconds_total',
    'counter',
    'Cumulative cpu time consumed by the container in core-seconds',
    [...apps.map((one) => `${labels(one)} ${seconds(one.usage.figures.cpuNanos)} ${one.usage.atMs}`)],
  );
  metric('container_memory_working_set_bytes', 'gauge', 'Current working set of the container in bytes', [
    ...apps.map((one) => `${labels(one)} ${one.usage.figures.memoryWorkingSetBytes} ${one.usage.atMs}`),
  ]);
  metric('container_start_time_seconds', 'gauge', 'Start time of the container since unix epoch in seconds', [
    ...apps.map((one) => `${labels(one)} ${(one.observed.startedAtMs ?? 0) / 1000}`),
  ]);
  return `${lines.join('\n')}\n`;
}
