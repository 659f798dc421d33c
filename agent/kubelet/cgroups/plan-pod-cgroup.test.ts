import { describe, expect, it } from 'vitest';
import type { Container } from '../../../api/kinds/core/index.ts';
import { container, pod } from '../../testing/pods.ts';
import { settingsOfVersion1, settingsOfVersion2, weightOf } from './cgroup-files.ts';
import { sliceName, sliceProperties } from './cgroup-slices.ts';
import { burstableShares, looserOf, podCgroupLimits, podCgroupPath } from './plan-pod-cgroup.ts';

const of = (...resources: Container['resources'][]) =>
  pod({ containers: resources.map((one, index) => container(`c${index}`, { resources: one })) });
const both = (cpu: string, memory: string) => ({ limits: { cpu, memory }, requests: { cpu, memory } });

describe('the control group of a pod', () => {
  it.each([
    ['BestEffort', of({}), 'kubepods/besteffort', { cpuShares: 2, pids: 99 }],
    [
      'Guaranteed',
      of(both('500m', '64Mi'), both('1', '64Mi')),
      'kubepods',
      { cpuShares: 1536, cpuQuotaMicros: 150_000, memoryBytes: 128 * 1024 ** 2, pids: 99 },
    ],
    ['Burstable', of({ requests: { cpu: '250m' } }), 'kubepods/burstable', { cpuShares: 256, pids: 99 }],
    [
      'Burstable with one container without a limit',
      of(both('500m', '64Mi'), { limits: { memory: '64Mi' } }),
      'kubepods/burstable',
      { cpuShares: 512, memoryBytes: 128 * 1024 ** 2, pids: 99 },
    ],
  ])('%s', (_class, one, parent, limits) => {
    expect(podCgroupPath(one).join('/')).toBe(`${parent}/pod${one.metadata.uid}`);
    expect(podCgroupLimits(one, 99)).toEqual(limits);
  });

  it('is as loose as the old and the new limits while they change', () => {
    const [small, large] = [
      { cpuShares: 2, memoryBytes: 10 },
      { cpuShares: 9, memoryBytes: 5, cpuQuotaMicros: 1 },
    ];
    expect(looserOf(small, large)).toEqual({ cpuShares: 9, memoryBytes: 10 });
  });

  it('gives the burstable class what its pods ask for together', () => {
    expect(burstableShares([of({ requests: { cpu: '1' } }), of({ requests: { cpu: '500m' } }), of({})])).toBe(1536);
  });
});

describe('the settings of a control group', () => {
  const limits = { cpuShares: 1024, cpuQuotaMicros: 50_000, memoryBytes: 4096, pids: 7 };
  const written = (settings: readonly (readonly [string, string, string])[]) =>
    Object.fromEntries(settings.map(([, file, value]) => [file, value]));

  it('in version 1', () => {
    expect(written(settingsOfVersion1(limits))).toEqual({
      'cpu.shares': '1024',
      'cpu.cfs_period_us': '100000',
      'cpu.cfs_quota_us': '50000',
      'memory.limit_in_bytes': '4096',
      'pids.max': '7',
    });
    expect(written(settingsOfVersion1({}))).toMatchObject({ 'cpu.cfs_quota_us': '-1', 'pids.max': 'max' });
  });

  it('in version 2', () => {
    expect(written(settingsOfVersion2(limits))).toEqual({
      'cpu.weight': '39',
      'cpu.max': '50000 100000',
      'memory.max': '4096',
      'pids.max': '7',
    });
    expect(written(settingsOfVersion2({}))).toEqual({
      'cpu.max': 'max 100000',
      'memory.max': 'max',
      'pids.max': 'max',
    });
  });

  it('on the scale of version 2', () => {
    expect([2, 1024, 262_144].map(weightOf)).toEqual([1, 39, 10_000]);
  });

  it('with systemd', () => {
    expect(sliceName(['kubepods', 'burstable', 'pod12-34'])).toBe('kubepods-burstable-pod12_34.slice');
    expect(sliceProperties(limits)).toEqual(['CPUWeight=39', 'CPUQuota=50%', 'MemoryMax=4096', 'TasksMax=7']);
    expect(sliceProperties({})).toEqual(['CPUQuota=', 'MemoryMax=infinity', 'TasksMax=infinity']);
  });
});
