import { expect, it } from 'vitest';
import { cgroupPlace } from './cgroup.ts';

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
