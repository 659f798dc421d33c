// The process and its build, as every Prometheus client tells them.
import { readFileSync, readdirSync } from 'node:fs';
import { versionDocument } from '../version.ts';
import { headOf, quoted, sample } from './series.ts';

const { gitVersion, major, minor, platform } = versionDocument;
const buildLabels = Object.entries({ git_version: gitVersion, major, minor, platform })
  .map(([label, value]) => `${label}=${quoted(value)}`)
  .join();
const startedSeconds = Math.round(performance.timeOrigin / 1000);

const gauge = (name: string, help: string, value: number, labels = ''): string =>
  headOf(name, 'gauge', help) + sample(name, labels, value);

/** Samples of this moment. */
export function formatProcess(): string {
  const { rss, heapUsed } = process.memoryUsage();
  const cpu = process.cpuUsage();
  const cpuName = 'process_cpu_seconds_total';
  return (
    gauge('kubernetes_build_info', 'Which version this is.', 1, buildLabels) +
    gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', startedSeconds) +
    gauge('process_resident_memory_bytes', 'Resident memory.', rss) +
    gauge('nodejs_heap_size_used_bytes', 'Heap in use.', heapUsed) +
    headOf(cpuName, 'counter', 'CPU time.') +
    sample(cpuName, '', (cpu.user + cpu.system) / 1e6) +
    formatFiles()
  );
}

/** Open files and virtual memory, where the kernel tells them. */
function formatFiles(): string {
  try {
    const open = readdirSync('/proc/self/fd').length - 1; // the folder itself is open while it is read
    const most = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]);
    return (
      gauge('process_open_fds', 'Open file descriptors.', open) +
      gauge('process_max_fds', 'How many there may be.', Number(most ?? Infinity)).replace('Infinity', '+Inf') +
      gauge('process_virtual_memory_bytes', 'Virtual memory.', pages * 4096)
    );
  } catch {
    return ''; // not Linux
  }
}
