import { describe, expect, it } from 'vitest';
import type { Container } from '../../../api/kinds/core/index.ts';
import { container, observed, pod, sandbox } from '../../testing/pods.ts';
import { containerResources } from '../containers/resources.ts';
import { planResize } from './plan-resize.ts';
import { viewPod } from './pod-view.ts';

const facts = { machineMemoryBytes: 8 * 1024 ** 3 };
const sized = (cpu: string, memory: string, differs: Partial<Container> = {}): Container =>
  container('app', { resources: { limits: { cpu, memory } }, ...differs });

describe('resizing in place', () => {
  const before = sized('100m', '64Mi');
  const running = observed('app', { resources: containerResources(pod({ containers: [before] }), before, facts) });
  const plan = (after: Container): string[] =>
    planResize(pod({ containers: [after] }), viewPod([sandbox(), running]), facts).map(
      ({ resources, needsRestart }) =>
        `${needsRestart ? 'restart' : 'update'} ${resources.cpuQuotaMicros} ${resources.memoryBytes}`,
    );

  it.each<[string, Container, string[]]>([
    ['does nothing when nothing changed', before, []],
    ['changes the processor limit', sized('200m', '64Mi'), ['update 20000 67108864']],
    ['changes the memory limit', sized('100m', '128Mi'), ['update 10000 134217728']],
    [
      'restarts where the policy says so',
      sized('100m', '128Mi', { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] }),
      ['restart 10000 134217728'],
    ],
    [
      'does not restart for the other resource',
      sized('200m', '64Mi', { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] }),
      ['update 20000 67108864'],
    ],
  ])('%s', (_title, after, wanted) => {
    expect(plan(after)).toEqual(wanted);
  });

  it('leaves alone what does not run', () => {
    const view = viewPod([sandbox(), observed('app', { state: 'exited', exitCode: 0 })]);
    expect(planResize(pod({ containers: [sized('1', '1Gi')] }), view, facts)).toEqual([]);
  });
});
