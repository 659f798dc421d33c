import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler, MetricSpec } from '../../../api/kinds/autoscaling/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { makePod, metaOf, startMs } from '../testing/fixtures.ts';
import { evaluateMetric } from './evaluate.ts';
import type { MetricsReader } from './metrics.ts';
import type { PodMetrics } from './replica-count.ts';

const nowMs = startMs + 3_600_000;
const containers = [
  { name: 'app', image: 'x', resources: { requests: { cpu: '500m' } } },
  { name: 'proxy', image: 'x', resources: { requests: { cpu: '100m' } } },
];

function podNamed(name: string): Pod {
  const pod = makePod(name, { spec: { containers } });
  return { ...pod, status: { ...pod.status, startTime: '2026-01-01T00:00:00Z' } };
}

/** Answers with the same figure for each of two pods, by what is asked; the container asked for is part of it. */
function readerOf(figures: Record<string, number | number[]>): MetricsReader {
  const perPod = (what: string): PodMetrics => ({
    values: new Map(['a', 'b'].map((name) => [name, figures[what] as number])),
    atMs: nowMs,
    windowMs: 60_000,
  });
  const asked = (what: string): number | number[] => {
    const figure = figures[what];
    if (figure === undefined) throw new Error(`nobody serves ${what}`);
    return figure;
  };
  return {
    resource: (_namespace, _selector, name, container = '') => Promise.resolve(perPod(`${name}${container}`)),
    pods: (_namespace, _selector, { name }) => Promise.resolve(perPod(name)),
    object: (_namespace, { kind }, { name }) => Promise.resolve(asked(`${kind}/${name}`) as number),
    external: (_namespace, { name }) => Promise.resolve(asked(name) as number[]),
  };
}

function replicasFor(
  metric: object,
  figures: Record<string, number | number[]>,
  behavior?: HorizontalPodAutoscaler['spec']['behavior'],
): Promise<number> {
  const autoscaler: HorizontalPodAutoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metaOf('web'),
    spec: { maxReplicas: 100, scaleTargetRef: { kind: 'Deployment', name: 'web' }, behavior },
  };
  const scaled = { pods: [podNamed('a'), podNamed('b')], selector: 'app=web', specReplicas: 2, statusReplicas: 2 };
  return evaluateMetric(autoscaler, metric as MetricSpec, scaled, readerOf(figures), nowMs).then(
    ({ replicas }) => replicas,
  );
}

const cpu = (averageUtilization: number): object => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});
const queue = (target: object): object => ({
  type: 'Object',
  object: { describedObject: { kind: 'Ingress', name: 'main' }, metric: { name: 'requests' }, target },
});

describe('a metric of an autoscaler', () => {
  it.each<[string, object, Record<string, number | number[]>, number]>([
    ['a share of what all containers ask for', cpu(50), { cpu: 900 }, 6],
    [
      'a mean of what the pods use',
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100M' } } },
      { memory: 150e9 },
      3,
    ],
    [
      'a share of what one container asks for',
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'app', target: { type: 'Utilization', averageUtilization: 50 } },
      },
      { cpuapp: 500 },
      4,
    ],
    [
      'a mean of the pods’ own metric',
      { type: 'Pods', pods: { metric: { name: 'jobs' }, target: { type: 'AverageValue', averageValue: '10' } } },
      { jobs: 25_000 },
      5,
    ],
    ['the value of an object', queue({ type: 'Value', value: '100' }), { 'Ingress/requests': 300_000 }, 6],
    [
      'the value of an object for each pod',
      queue({ type: 'AverageValue', averageValue: '100' }),
      { 'Ingress/requests': 420_000 },
      5,
    ],
    [
      'the sum of an external metric’s series',
      { type: 'External', external: { metric: { name: 'lag' }, target: { type: 'Value', value: '10' } } },
      { lag: [10_000, 20_000] },
      6,
    ],
    [
      'an external metric for each pod',
      { type: 'External', external: { metric: { name: 'lag' }, target: { type: 'AverageValue', averageValue: '10' } } },
      { lag: [10_000, 25_000] },
      4,
    ],
  ])('%s', async (_title, metric, figures, expected) => {
    expect(await replicasFor(metric, figures)).toBe(expected);
  });

  it('is left alone within the tolerance, which each direction may have of its own', async () => {
    const [above, below] = [{ cpu: 360 }, { cpu: 240 }];
    expect(await replicasFor(cpu(50), { cpu: 325 })).toBe(2);
    expect(await replicasFor(cpu(50), above)).toBe(3);
    expect(await replicasFor(cpu(50), above, { scaleUp: { tolerance: '0.25' } })).toBe(2);
    expect(await replicasFor(cpu(50), { cpu: 325 }, { scaleUp: { tolerance: '0' } })).toBe(3);
    expect(await replicasFor(cpu(50), below, { scaleUp: { tolerance: '0.25' } })).toBe(2);
    expect(await replicasFor(cpu(90), below, { scaleDown: { tolerance: '0.25' } })).toBe(1);
    expect(await replicasFor(cpu(50), below, { scaleDown: { tolerance: '0.25' } })).toBe(2);
  });

  it('fails in words where the figures cannot be had', async () => {
    await expect(replicasFor(queue({ type: 'Value', value: '1' }), {})).rejects.toThrow('nobody serves');
    const unasked = {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 50 } },
    };
    await expect(replicasFor(unasked, { memory: 1 })).rejects.toThrow('missing request for memory');
  });
});
