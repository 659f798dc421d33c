import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { authored, mergePatchBetween } from './undo.ts';

describe('a merge patch', () => {
  it.each([
    ['nothing', { a: 1 }, { a: 1 }, {}],
    ['a changed field', { a: { b: 1, c: 2 } }, { a: { b: 3, c: 2 } }, { a: { b: 3 } }],
    ['a removed field', { a: 1, b: 2 }, { a: 1 }, { b: null }],
    ['a new object', {}, { a: { b: 1 } }, { a: { b: 1 } }],
    ['a list as a whole', { a: [1, 2] }, { a: [2] }, { a: [2] }],
  ])('says %s', (_title, from, to, patch) => {
    expect(mergePatchBetween(from, to)).toEqual(patch);
  });
});

describe('what a person could have written', () => {
  it('leaves out what server and controllers decide', () => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'web',
        namespace: 'default',
        uid: 'u',
        resourceVersion: '7',
        creationTimestamp: '2026-01-01T00:00:00Z',
        generation: 3,
        annotations: { 'deployment.kubernetes.io/revision': '3' },
        labels: { app: 'web' },
      },
      spec: { replicas: 2 },
      status: { replicas: 2 },
    } as KubernetesObject;
    expect(authored(object)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
      spec: { replicas: 2 },
    });
    expect(object.metadata.uid).toBe('u');
  });
});
