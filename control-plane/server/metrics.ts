// Counts what the server does, under upstream's metric names, in the Prometheus text format.

import { versionDocument } from './version.ts';

/** Upper bounds of request durations, in seconds. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60];

interface Series {
  count: number;
  sumSeconds: number;
  readonly buckets: number[];
}

/** The labels that request metrics carry. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** How much of the cluster the request is about. */
  readonly scope: '' | 'cluster' | 'namespace' | 'resource';
  readonly code: number;
}

/** Counters of one server. */
export interface Metrics {
  countRequest(labels: RequestLabels, seconds: number): void;
  /** +1 when a request begins, -1 when it ends. */
  inFlight(change: 1 | -1): void;
  /** Adds a gauge that is read when metrics are asked for. */
  gauge(name: string, help: string, read: () => number): void;
  /** Adds text that somebody else formats, when metrics are asked for. */
  section(format: () => string): void;
  format(): string;
}

/** Fresh counters. */
export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const labelTexts = new Map<string, string>();
  const durations = new Map<string, Series>();
  const gauges: { name: string; help: string; read: () => number }[] = [];
  const sections: (() => string)[] = [];
  let current = 0;
  gauges.push({ name: 'apiserver_current_inflight_requests', help: 'Requests being answered.', read: () => current });
  return {
    inFlight(change) {
      current += change;
    },
    gauge(name, help, read) {
      gauges.push({ name, help, read });
    },
    section(format) {
      sections.push(format);
    },
    countRequest({ verb, group, version, resource, subresource, scope, code }, seconds) {
      const key = `${verb} ${group} ${version} ${resource} ${subresource} ${scope}`;
      let shared = labelTexts.get(key);
      if (shared === undefined) {
        shared = `component="apiserver",group="${group}",resource="${resource}",scope="${scope}",subresource="${subresource}",verb="${verb}",version="${version}"`;
        labelTexts.set(key, shared);
      }
      const counted = `code="${code}",${shared}`;
      requests.set(counted, (requests.get(counted) ?? 0) + 1);
      if (verb === 'WATCH' || verb === 'CONNECT') return;
      let series = durations.get(shared);
      if (series === undefined)
        durations.set(shared, (series = { count: 0, sumSeconds: 0, buckets: bounds.map(() => 0) }));
      series.count++;
      series.sumSeconds += seconds;
      const slot = bounds.findIndex((bound) => seconds <= bound);
      if (slot !== -1) series.buckets[slot] = (series.buckets[slot] ?? 0) + 1;
    },
    format: () =>
      [
        formatRequests(requests),
        formatDurations(durations),
        ...gauges.map(formatGauge),
        ...sections.map((format) => format()),
        formatProcess(),
      ].join(''),
  };
}

function formatRequests(requests: ReadonlyMap<string, number>): string {
  const name = 'apiserver_request_total';
  const lines = [...requests].map(([labels, count]) => `${name}{${labels}} ${count}\n`);
  return `# HELP ${name} Requests answered.\n# TYPE ${name} counter\n${lines.join('')}`;
}

function formatDurations(durations: ReadonlyMap<string, Series>): string {
  const name = 'apiserver_request_duration_seconds';
  let text = `# HELP ${name} Time to answer, without watches.\n# TYPE ${name} histogram\n`;
  for (const [labels, series] of durations) {
    let total = 0;
    bounds.forEach((bound, index) => {
      total += series.buckets[index] ?? 0;
      text += `${name}_bucket{${labels},le="${bound}"} ${total}\n`;
    });
    text += `${name}_bucket{${labels},le="+Inf"} ${series.count}\n${name}_sum{${labels}} ${series.sumSeconds}\n${name}_count{${labels}} ${series.count}\n`;
  }
  return text;
}

function formatGauge({ name, help, read }: { name: string; help: string; read: () => number }): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${read()}\n`;
}

const { gitVersion, major, minor, platform } = versionDocument;
const buildLabels = Object.entries({ git_version: gitVersion, major, minor, platform })
  .map(([label, value]) => `${label}="${value}"`)
  .join();
const startedSeconds = Math.round(performance.timeOrigin / 1000);

function formatProcess(): string {
  const { rss, heapUsed } = process.memoryUsage();
  const cpu = process.cpuUsage();
  const seconds = (cpu.user + cpu.system) / 1e6;
  return (
    `# HELP kubernetes_build_info Which version this is.\n# TYPE kubernetes_build_info gauge\nkubernetes_build_info{${buildLabels}} 1\n` +
    `# HELP process_start_time_seconds When the process started, in seconds since 1970.\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds ${startedSeconds}\n` +
    `# HELP process_resident_memory_bytes Resident memory.\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes ${rss}\n` +
    `# HELP nodejs_heap_size_used_bytes Heap in use.\n# TYPE nodejs_heap_size_used_bytes gauge\nnodejs_heap_size_used_bytes ${heapUsed}\n` +
    `# HELP process_cpu_seconds_total CPU time.\n# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ${seconds}\n`
  );
}
