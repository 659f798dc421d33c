import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../../api/kinds/apps/index.ts';
import { rollbackPatch } from './rollback.ts';

const revisionKey = 'deployment.kubernetes.io/revision';
const set = (revision: number, image: string, owner = 'd', annotations: object = {}): ReplicaSet =>
  ({
    metadata: {
      name: `web-${revision}`,
      annotations: { [revisionKey]: String(revision), ...annotations },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: owner, controller: true }],
    },
    spec: {
      template: {
        metadata: { labels: { app: 'web', 'pod-template-hash': `h${revision}` } },
        spec: { containers: [{ name: 'main', image }] },
      },
    },
  }) as unknown as ReplicaSet;
const deployment = (part: object = {}): Deployment =>
  ({
    metadata: {
      name: 'web',
      uid: 'd',
      resourceVersion: '77',
      annotations: { [revisionKey]: '2', 'kubernetes.io/change-cause': 'new' },
    },
    spec: { ...part },
  }) as unknown as Deployment;

describe('rolling back', () => {
  it('brings the template of the revision without its hash, and that revision’s annotations', () => {
    const sets = [set(2, 'web:2'), set(1, 'web:1', 'd', { 'kubernetes.io/change-cause': 'first' })];
    expect(rollbackPatch(deployment(), sets, 1)).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '77' },
      {
        op: 'replace',
        path: '/spec/template',
        value: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } },
      },
      {
        op: 'add',
        path: '/metadata/annotations',
        value: { [revisionKey]: '2', 'kubernetes.io/change-cause': 'first' },
      },
    ]);
    expect(sets[1]?.spec.template?.metadata?.labels).toHaveProperty('pod-template-hash');
  });

  it('refuses a revision that is gone or another Deployment’s', () => {
    expect(() => rollbackPatch(deployment(), [set(1, 'web:1', 'other')], 1)).toThrow(/no longer kept/);
  });

  it('refuses a paused Deployment', () => {
    expect(() => rollbackPatch(deployment({ paused: true }), [set(1, 'web:1')], 1)).toThrow(/paused/);
  });
});
