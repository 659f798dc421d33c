import { expect, it } from 'vitest';
import type { MapPod } from '../../../api/console/index.ts';
import { colourOfGroup, groupOf, largestGroups } from './colour-groups.ts';

const pod = (name: string, more: Partial<MapPod>): MapPod =>
  ({ uid: name, name, namespace: 'default', state: 'running', reason: 'Running', ...more }) as MapPod;

const pods = [
  pod('cart-1', { owner: { kind: 'Deployment', name: 'cart' }, qosClass: 'Burstable' }),
  pod('cart-2', { owner: { kind: 'Deployment', name: 'cart' }, qosClass: 'Burstable' }),
  pod('dns', { namespace: 'kube-system', qosClass: 'Guaranteed' }),
  pod('lonely', { qosClass: undefined }),
];

it('names what shares a colour', () => {
  expect(pods.map((one) => groupOf(one, 'workload'))).toEqual([
    'default/cart',
    'default/cart',
    'kube-system/dns',
    'default/lonely',
  ]);
  expect(pods.map((one) => groupOf(one, 'qos'))).toEqual(['Burstable', 'Burstable', 'Guaranteed', '']);
});

it('counts the largest first, and what is left', () => {
  expect(largestGroups(pods, 'namespace', 8)).toEqual({
    groups: [
      { id: 'default', count: 3 },
      { id: 'kube-system', count: 1 },
    ],
    others: 0,
  });
  expect(largestGroups(pods, 'workload', 1)).toEqual({ groups: [{ id: 'default/cart', count: 2 }], others: 2 });
});

it('gives each class of service a colour of its own in both themes', () => {
  const classes = ['Guaranteed', 'Burstable', 'BestEffort'];
  for (const dark of [true, false])
    expect(new Set(classes.map((name) => colourOfGroup(name, 'qos', dark))).size).toBe(classes.length);
});
