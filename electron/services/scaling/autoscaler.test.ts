import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler } from '../../../api/kinds/autoscaling/index.ts';
import { autoscalerSpec, autoscalerView, isAbout } from './autoscaler.ts';

const web = { namespace: 'shop', kind: 'Deployment', name: 'web' } as const;
const queue = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '5' } } };

describe('an autoscaler in the form', () => {
  const settings = { least: 2, most: 9, cpuPercent: 60, quietSeconds: 300 };
  const made = { metadata: { name: 'web', namespace: 'shop' }, spec: autoscalerSpec(web, settings) };

  it('is what was filled in', () => {
    expect(made.spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 9,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
      ],
    });
    const read = made as unknown as HorizontalPodAutoscaler;
    expect(autoscalerView(read)).toMatchObject({ name: 'web', settings, otherMetrics: [] });
    expect(isAbout(read, web)).toBe(true);
    expect(isAbout(read, { ...web, namespace: 'other' })).toBe(false);
  });

  it('keeps what the form does not show', () => {
    const before = {
      ...made.spec,
      metrics: [queue],
      behavior: { scaleUp: { stabilizationWindowSeconds: 30 }, scaleDown: { selectPolicy: 'Min' } },
    };
    const after = autoscalerSpec(web, { least: 1, most: 3, memoryPercent: 70, quietSeconds: 60 }, before);
    expect(after.metrics?.map(({ type }) => type)).toEqual(['Resource', 'External']);
    expect(after.behavior).toEqual({
      scaleUp: { stabilizationWindowSeconds: 30 },
      scaleDown: { selectPolicy: 'Min', stabilizationWindowSeconds: 60 },
    });
    expect(autoscalerView({ metadata: made.metadata, spec: after } as never).otherMetrics).toEqual(['External queue']);
  });

  it('says what it suffers from in the cluster’s words', () => {
    const conditions = [
      { type: 'AbleToScale', status: 'True', message: 'fine' },
      { type: 'ScalingActive', status: 'False', message: 'no figures' },
      { type: 'ScalingLimited', status: 'True', message: 'too many' },
    ];
    const status = { conditions, currentReplicas: 3, desiredReplicas: 4, lastScaleTime: '2026-01-01T00:00:00Z' };
    expect(autoscalerView({ ...made, status } as never)).toMatchObject({
      problem: 'no figures',
      limit: 'too many',
      current: 3,
      desired: 4,
      lastScaleAt: Date.UTC(2026, 0, 1),
    });
  });
});
