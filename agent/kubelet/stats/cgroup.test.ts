import { expect, it } from 'vitest';
import { cgroupPlace, createCgroupReader, readCgroup, statField } from './cgroup.ts';

it('finds the control groups of version 1 by controller', () => {
  const proc = '12:pids:/docker/abc\n9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/\n';
  expect(cgroupPlace(proc)).toEqual({
    version: 1,
    cpu: '/sys/fs/cgroup/cpuacct/docker/abc',
    memory: '/sys/fs/cgroup/memory/docker/abc',
    pids: '/sys/fs/cgroup/pids/docker/abc',
  });
});

it('finds the one control group of version 2', () => {
  expect(cgroupPlace('0::/system.slice/docker-abc.scope\n')).toMatchObject({
    version: 2,
    cpu: '/sys/fs/cgroup/system.slice/docker-abc.scope',
  });
});

it('finds none where there is none', () => {
  expect(cgroupPlace('')).toBeUndefined();
});

it('reads a field of a table by its whole name', () => {
  const stat = 'cache 1\ninactive_file 20\ntotal_inactive_file 300\nrss 4\n';
  expect(statField(stat, 'cache')).toBe(1);
  expect(statField(stat, 'inactive_file')).toBe(20);
  expect(statField(stat, 'total_inactive_file')).toBe(300);
  expect(statField(stat, 'rss')).toBe(4);
  expect(statField(stat, 'file')).toBe(0);
});

it('reads its own control group, and nothing of a process that is gone', async () => {
  const gone = 2 ** 22 + 1; // larger than the kernel's largest
  expect(readCgroup(gone)).toBeUndefined();
  const own = readCgroup(process.pid);
  const reader = createCgroupReader();
  const processes = Array.from({ length: 50 }, (_, index) => ({
    id: String(index),
    pid: index === 7 ? gone : process.pid,
  }));
  const found = await reader.readAll(processes);
  expect(found).toHaveLength(50);
  expect(found.map((one) => one === undefined)).toEqual(processes.map(({ pid }) => own === undefined || pid === gone));
  const again = await reader.readAll(processes.slice(0, 1));
  expect(again[0]?.cpuNanos ?? 0).toBeGreaterThanOrEqual(found[0]?.cpuNanos ?? 0);
});
