import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { container, pod } from '../../testing/pods.ts';
import { chooseVictim, evictionMessage, storageExcess } from './plan-eviction.ts';
import type { PodUsage } from './plan-eviction.ts';
import type { CrossedThreshold } from './pressure.ts';
import type { Threshold } from './thresholds.ts';

const mebibyte = 1024 * 1024;
const using = (name: string, usedMebibytes: number, requests: string | undefined, priority = 0): PodUsage => ({
  pod: {
    ...pod({
      priority,
      containers: [container('app', requests === undefined ? {} : { resources: { requests: { memory: requests } } })],
    }),
    metadata: { ...pod().metadata, name },
  },
  usedBytes: usedMebibytes * mebibyte,
});

describe('eviction', () => {
  it.each<[string, PodUsage[], string | undefined]>([
    ['takes who uses more than it asked for', [using('within', 900, '1Gi'), using('above', 20, '10Mi')], 'above'],
    ['takes the lower priority first', [using('high', 500, undefined, 10), using('low', 100, undefined, 1)], 'low'],
    ['takes the greediest among equals', [using('some', 100, undefined), using('most', 200, undefined)], 'most'],
    ['spares the system', [using('system', 500, undefined, 2_000_001_000)], undefined],
  ])('%s', (_title, candidates, victim) => {
    expect(chooseVictim(candidates, 'memory')?.pod.metadata.name).toBe(victim);
  });

  it('says why', () => {
    const crossed = (signal: Threshold['signal'], quantity: string, available: number): CrossedThreshold => ({
      threshold: { signal, quantity },
      supply: { available, capacity: 10 * available },
    });
    expect(evictionMessage(using('web', 20, '10Mi'), crossed('memory.available', '100Mi', 50 * mebibyte))).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. The pod was using 20Mi, request is 10Mi.',
    );
    const forking = { ...using('bomb', 0, undefined), usedBytes: 900 };
    expect(evictionMessage(forking, crossed('pid.available', '5%', 70))).toBe(
      'The node was low on resource: pids. Threshold quantity: 5%, available: 70. The pod had 900 processes.',
    );
  });

  it('takes the pod with the most processes when ids run out', () => {
    const [few, many] = [using('few', 1, '1Gi'), using('many', 2, '1Gi')];
    expect(chooseVictim([few, many], 'pids')?.pod.metadata.name).toBe('many');
  });

  it('spares static pods', () => {
    const own = using('own', 900, undefined);
    const annotations = { 'kubernetes.io/config.source': 'file' };
    const fixed = { ...own, pod: { ...own.pod, metadata: { ...own.pod.metadata, annotations } } };
    expect(chooseVictim([fixed], 'memory')).toBeUndefined();
  });
});

describe('limits of local storage', () => {
  const limited = (differs: Partial<Pod['spec']>): Pod => pod(differs);
  const usage = (volumes: Record<string, number>, containers: Record<string, number>) => ({
    volumes: new Map(Object.entries(volumes)),
    containers: new Map(Object.entries(containers)),
  });
  it.each<[string, Pod, ReturnType<typeof usage>, RegExp | undefined]>([
    [
      'of a volume',
      limited({ volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }] }),
      usage({ data: 2 * mebibyte }, {}),
      /EmptyDir volume "data"/,
    ],
    [
      'that are kept',
      limited({ volumes: [{ name: 'data', emptyDir: { sizeLimit: '3Mi' } }] }),
      usage({ data: 2 * mebibyte }, {}),
      undefined,
    ],
    [
      'of a container',
      limited({ containers: [container('app', { resources: { limits: { 'ephemeral-storage': '1Mi' } } })] }),
      usage({}, { app: 2 * mebibyte }),
      /Container app exceeded/,
    ],
    [
      'of the pod',
      limited({ containers: [container('app', { resources: { limits: { 'ephemeral-storage': '3Mi' } } })] }),
      usage({ data: 2 * mebibyte }, { app: 2 * mebibyte }),
      /Pod ephemeral/,
    ],
    ['that nobody set', limited({}), usage({ data: 999 * mebibyte }, { app: 999 * mebibyte }), undefined],
  ])('%s', (_title, of, used, wanted) => {
    const excess = storageExcess(of, used);
    if (wanted === undefined) expect(excess).toBeUndefined();
    else expect(excess).toMatch(wanted);
  });
});
