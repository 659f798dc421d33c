import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { referencesOf } from './references.ts';

const object = (kind: string, rest: object): KubernetesObject =>
  ({ apiVersion: 'v1', kind, metadata: { name: 'x', namespace: 'shop' }, ...rest }) as unknown as KubernetesObject;
const names = (one: KubernetesObject): string[] =>
  referencesOf(one).map(({ object: { kind, name }, relation }) => `${relation} ${kind}/${name}`);

describe('the references of an object', () => {
  const spec = {
    nodeName: 'hollow-1',
    serviceAccountName: 'cart',
    volumes: [{ configMap: { name: 'settings' } }, { persistentVolumeClaim: { claimName: 'data' } }],
    containers: [
      {
        name: 'main',
        env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } }],
        envFrom: [{ configMapRef: { name: 'settings' } }],
      },
    ],
  };

  it('are found in a pod and in the templates of workloads, each once', () => {
    const wanted = ['uses ConfigMap/settings', 'uses PersistentVolumeClaim/data', 'uses Secret/keys'];
    const rest = ['uses ServiceAccount/cart', 'runsOn Node/hollow-1'];
    expect(names(object('Pod', { spec }))).toEqual([...wanted, ...rest]);
    expect(names(object('CronJob', { spec: { jobTemplate: { spec: { template: { spec } } } } }))).toEqual([
      ...wanted,
      ...rest,
    ]);
  });

  it('are found in an Ingress, an autoscaler and a claim', () => {
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const rules = [{ http: { paths: [{ backend }, { backend }] } }];
    expect(names(object('Ingress', { spec: { rules } }))).toEqual(['routes Service/web']);
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    expect(names(object('HorizontalPodAutoscaler', { spec: { scaleTargetRef } }))).toEqual(['scales Deployment/web']);
    expect(names(object('PersistentVolumeClaim', { spec: { volumeName: 'pv-1', storageClassName: 'local' } }))).toEqual(
      ['binds PersistentVolume/pv-1', 'uses StorageClass/local'],
    );
  });

  it('are none where fields are missing or of another shape', () => {
    expect(names(object('Ingress', { spec: { rules: 'x' } }))).toEqual([]);
    expect(names(object('Widget', { spec: null }))).toEqual([]);
  });
});
