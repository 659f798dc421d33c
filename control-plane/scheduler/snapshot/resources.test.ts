import { expect, it } from 'vitest';
import { podNamed } from '../fixtures.ts';
import { requestsOf } from './resources.ts';

const container = (cpu: string, more: object = {}): object => ({
  name: `c${cpu}`,
  resources: { requests: { cpu } },
  ...more,
});
const cpuOf = (spec: object): number => requestsOf(podNamed('p', { spec })).milliCpu;

it.each([
  ['containers add up', { containers: [container('1'), container('500m')] }, 1500],
  ['a larger init container counts alone', { containers: [container('1')], initContainers: [container('3')] }, 3000],
  ['a smaller one does not count', { containers: [container('1')], initContainers: [container('500m')] }, 1000],
  [
    'a sidecar runs beside the containers',
    { containers: [container('1')], initContainers: [container('1', { restartPolicy: 'Always' })] },
    2000,
  ],
  [
    'and beside the init containers after it',
    { containers: [container('1')], initContainers: [container('1', { restartPolicy: 'Always' }), container('2')] },
    3000,
  ],
  [
    'but not beside those before it',
    { containers: [container('1')], initContainers: [container('2'), container('500m', { restartPolicy: 'Always' })] },
    2000,
  ],
  ['overhead comes on top', { containers: [container('1')], overhead: { cpu: '250m' } }, 1250],
  ['the pod level wins', { containers: [container('1')], resources: { requests: { cpu: '4' } } }, 4000],
])('%s', (_, spec, expected) => {
  expect(cpuOf(spec)).toBe(expected);
});

it('scores pods without requests as if they asked for a little', () => {
  expect(requestsOf(podNamed('p'))).toMatchObject({
    milliCpu: 0,
    scoredMilliCpu: 100,
    scoredMemoryBytes: 200 * 1024 ** 2,
  });
});
