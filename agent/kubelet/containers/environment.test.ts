import { describe, expect, it } from 'vitest';
import type { ConfigMap, Container, Secret, Service } from '../../../api/kinds/core/index.ts';
import { container, pod } from '../../testing/pods.ts';
import { environmentOf } from './environment.ts';
import type { EnvironmentFacts } from './environment.ts';
import { serviceEnvironment, servicesFor } from './service-environment.ts';

const metadata = (name: string, namespace = 'default') => ({
  name,
  namespace,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});
const configMap: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata('settings'),
  data: { A: 'from map', 'bad=key': 'x' },
};
const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata('keys'),
  data: { PIN: Buffer.from('1234').toString('base64') },
};

const facts: EnvironmentFacts = {
  fields: { podIps: ['10.1.0.2'], hostIps: ['10.0.0.1'], nodeName: 'n1', allocatable: { cpu: '4', memory: '8Gi' } },
  services: { KUBERNETES_SERVICE_HOST: '10.96.0.1' },
  objects: {
    configMap: async (_namespace, name) => (name === 'settings' ? configMap : undefined),
    secret: async (_namespace, name) => (name === 'keys' ? secret : undefined),
  },
};
const of = async (differs: Partial<Container>): Promise<Record<string, string>> => {
  const { KUBERNETES_SERVICE_HOST: _service, ...rest } = Object.fromEntries(
    await environmentOf(pod(), container('app', differs), facts),
  );
  return rest;
};

describe('a container’s environment', () => {
  it.each<[string, Partial<Container>, Record<string, string>]>([
    ['takes plain values', { env: [{ name: 'X', value: '1' }] }, { X: '1' }],
    [
      'refers back to what came before',
      {
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '$(X)2$(Z)' },
        ],
      },
      { X: '1', Y: '12$(Z)' },
    ],
    ['refers to services', { env: [{ name: 'X', value: '$(KUBERNETES_SERVICE_HOST)' }] }, { X: '10.96.0.1' }],
    [
      'takes whole objects, with a prefix, without impossible names',
      { envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }] },
      { P_A: 'from map', 'P_bad key': undefined as never },
    ],
    [
      'lets env win over envFrom',
      { envFrom: [{ configMapRef: { name: 'settings' } }], env: [{ name: 'A', value: 'own' }] },
      { A: 'own' },
    ],
    [
      'takes keys of secrets',
      { env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'keys', key: 'PIN' } } }] },
      { X: '1234' },
    ],
    [
      'leaves out what is optional and missing',
      {
        env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'none', key: 'k', optional: true } } }],
        envFrom: [{ secretRef: { name: 'none', optional: true } }],
      },
      {},
    ],
    [
      'knows the pod',
      { env: [{ name: 'X', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
      { X: '10.1.0.2' },
    ],
    [
      'knows limits, or what the node has',
      { env: [{ name: 'X', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] },
      { X: '4' },
    ],
  ])('%s', async (_title, differs, wanted) => {
    expect(await of(differs)).toEqual(
      Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
    );
  });

  it.each<[Partial<Container>, string]>([
    [{ envFrom: [{ configMapRef: { name: 'none' } }] }, 'configmap "none" not found'],
    [{ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] }, 'secret "none" not found'],
    [
      { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
      "couldn't find key k in ConfigMap default/settings",
    ],
  ])('says what is missing (%#)', async (differs, message) => {
    await expect(of(differs)).rejects.toThrow(message);
  });
});

describe('service variables', () => {
  const service = (name: string, namespace: string, spec: Partial<Service['spec']>): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name, namespace),
    spec,
  });
  const kubernetes = service('kubernetes', 'default', {
    clusterIP: '10.96.0.1',
    ports: [{ name: 'https', port: 443 }],
  });
  const web = service('my-web', 'apps', { clusterIP: '10.96.0.9', ports: [{ port: 80, protocol: 'TCP' }] });
  const headless = service('none', 'apps', { clusterIP: 'None', ports: [{ port: 80 }] });

  it('announce address and ports', () => {
    expect(serviceEnvironment([web])).toEqual({
      MY_WEB_SERVICE_HOST: '10.96.0.9',
      MY_WEB_SERVICE_PORT: '80',
      MY_WEB_PORT: 'tcp://10.96.0.9:80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.9:80',
      MY_WEB_PORT_80_TCP_PROTO: 'tcp',
      MY_WEB_PORT_80_TCP_PORT: '80',
      MY_WEB_PORT_80_TCP_ADDR: '10.96.0.9',
    });
    expect(serviceEnvironment([kubernetes])).toMatchObject({ KUBERNETES_SERVICE_PORT_HTTPS: '443' });
    expect(serviceEnvironment([headless])).toEqual({});
  });

  it('are those of the namespace, and the API server’s always', () => {
    const all = [kubernetes, web];
    expect(servicesFor(all, 'apps', true)).toEqual(all);
    expect(servicesFor(all, 'apps', false)).toEqual([kubernetes]);
    expect(servicesFor(all, 'other', true)).toEqual([kubernetes]);
  });
});
