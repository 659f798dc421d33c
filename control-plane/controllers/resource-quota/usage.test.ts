import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { makePod, makeService, metaOf } from '../testing/fixtures.ts';
import { resourceOfQuotaName } from './controller.ts';
import { addUsage, countsFor, usageOf } from './usage.ts';

const podResource = { group: '', plural: 'pods' };
const container = (requests: Record<string, string>, limits?: Record<string, string>, restartPolicy?: 'Always') => ({
  name: 'c',
  image: 'x',
  resources: { requests, limits },
  restartPolicy,
});

describe('what an object takes of a quota', () => {
  it('is the most that a pod needs at any time', () => {
    const pod = makePod('p', {
      spec: {
        containers: [container({ cpu: '100m', memory: '64Mi' }, { cpu: '1' }), container({ cpu: '200m' })],
        initContainers: [container({ cpu: '50m' }, undefined, 'Always'), container({ cpu: '500m', memory: '32Mi' })],
        overhead: { cpu: '10m' },
      },
    });
    expect(usageOf(podResource, pod)).toEqual({
      'count/pods': '1',
      pods: '1',
      cpu: '560m',
      'requests.cpu': '560m',
      memory: '64Mi',
      'requests.memory': '64Mi',
      'limits.cpu': '1010m',
    });
  });

  it('is its mere existence for a pod that ended', () => {
    expect(usageOf(podResource, makePod('p', { phase: 'Failed' }))).toEqual({ 'count/pods': '1' });
  });

  it('counts node ports and load balancers', () => {
    const service = makeService('s', { type: 'LoadBalancer', ports: [{ port: 80 }, { port: 443 }] });
    expect(usageOf({ group: '', plural: 'services' }, service)).toEqual({
      'count/services': '1',
      services: '1',
      'services.loadbalancers': '1',
      'services.nodeports': '2',
    });
  });

  it('adds up exactly', () => {
    expect(addUsage({ cpu: '100m', memory: '1Gi' }, { cpu: '900m', pods: '1' })).toEqual({
      cpu: '1',
      memory: '1Gi',
      pods: '1',
    });
  });
});

describe('scopes', () => {
  const quota = (spec: object) => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: metaOf('q'),
    spec: { hard: {}, ...spec },
  });
  const bestEffort = makePod('b');
  const burstable = makePod('c', { spec: { containers: [container({ cpu: '1' })], priorityClassName: 'high' } });

  it.each<[string, object, Pod, boolean]>([
    ['none counts everything', {}, burstable, true],
    ['BestEffort', { scopes: ['BestEffort'] }, bestEffort, true],
    ['NotBestEffort', { scopes: ['NotBestEffort'] }, bestEffort, false],
    ['Terminating', { scopes: ['Terminating'] }, makePod('t', { spec: { activeDeadlineSeconds: 5 } }), true],
    [
      'a named priority class',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      burstable,
      true,
    ],
    [
      'another priority class',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['low'] }] } },
      burstable,
      false,
    ],
  ])('%s', (_title, spec, pod, expected) => {
    expect(countsFor(quota(spec), podResource, pod)).toBe(expected);
  });
});

describe('names in hard', () => {
  it.each([
    ['requests.cpu', 'pods'],
    ['limits.memory', 'pods'],
    ['services.nodeports', 'services'],
    ['configmaps', 'configmaps'],
    ['gold.storageclass.storage.k8s.io/requests.storage', 'persistentvolumeclaims'],
    ['count/deployments.apps', 'deployments'],
  ])('%s is about %s', (name, plural) => {
    expect(resourceOfQuotaName(name).plural).toBe(plural);
  });
});
