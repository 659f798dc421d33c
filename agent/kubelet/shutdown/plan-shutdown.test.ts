import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { pod } from '../../testing/pods.ts';
import { planShutdown } from './plan-shutdown.ts';

const named = (name: string, spec: Partial<Pod['spec']> = {}): Pod => {
  const one = pod(spec);
  return { ...one, metadata: { ...one.metadata, name } };
};
const critical = { priority: 2_000_001_000 };

describe('a machine that shuts down', () => {
  const plan = (pods: Pod[], totalSeconds = 30, criticalSeconds = 10): string[] =>
    planShutdown(pods, (one) => one, { totalSeconds, criticalSeconds }).map(
      ({ seconds, pods: stage }) =>
        `${seconds}: ${stage.map(({ item, graceSeconds }) => `${item.metadata.name} ${graceSeconds}`).join(', ')}`,
    );

  it.each<[string, Pod[], string[]]>([
    ['has nobody to end', [], []],
    ['ends critical pods after the others', [named('dns', critical), named('web')], ['20: web 20', '10: dns 10']],
    ['leaves a pod its own, shorter grace', [named('web', { terminationGracePeriodSeconds: 5 })], ['20: web 5']],
    ['ends critical pods alone', [named('dns', critical)], ['10: dns 10']],
  ])('%s', (_title, pods, stages) => {
    expect(plan(pods)).toEqual(stages);
  });

  it('has no more time for critical pods than for all', () => {
    expect(plan([named('web'), named('dns', critical)], 5, 10)).toEqual(['0: web 0', '5: dns 5']);
  });
});
