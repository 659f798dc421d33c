import { describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler } from '../../../api/kinds/autoscaling/index.ts';
import { metaOf, startMs } from '../testing/fixtures.ts';
import { createMemory, limitReplicas } from './behavior.ts';

const autoscaler = (behavior?: HorizontalPodAutoscaler['spec']['behavior']): HorizontalPodAutoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: metaOf('web'),
  spec: { minReplicas: 1, maxReplicas: 20, scaleTargetRef: { kind: 'Deployment', name: 'web' }, behavior },
});
const minuteMs = 60_000;

describe('the pace of an autoscaler', () => {
  it('doubles at most, or adds four pods, in 15 seconds', () => {
    const memory = createMemory();
    expect(limitReplicas(autoscaler(), memory, 2, 18, startMs).replicas).toBe(6);
    expect(limitReplicas(autoscaler(), memory, 8, 18, startMs + minuteMs).replicas).toBe(16);
  });

  it('shrinks only when nothing larger was asked for within five minutes', () => {
    const memory = createMemory();
    limitReplicas(autoscaler(), memory, 8, 8, startMs);
    expect(limitReplicas(autoscaler(), memory, 8, 2, startMs + 4 * minuteMs).replicas).toBe(8);
    expect(limitReplicas(autoscaler(), memory, 8, 2, startMs + 6 * minuteMs).replicas).toBe(2);
  });

  it('is not held up for an hour by a clock that stepped back an hour', () => {
    const memory = createMemory();
    limitReplicas(autoscaler(), memory, 8, 8, startMs + 60 * minuteMs);
    expect(limitReplicas(autoscaler(), memory, 8, 2, startMs).replicas).toBe(8);
    expect(limitReplicas(autoscaler(), memory, 8, 2, startMs + 6 * minuteMs).replicas).toBe(2);
  });

  it('keeps to the policies that it is given', () => {
    const careful = autoscaler({
      scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: 'Disabled' },
    });
    const memory = createMemory();
    expect(limitReplicas(careful, memory, 3, 9, startMs).replicas).toBe(4);
    expect(limitReplicas(careful, createMemory(), 3, 1, startMs).replicas).toBe(3);
  });
});
