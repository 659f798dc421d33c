import { describe, expect, it } from 'vitest';
import { decodeProtobuf, encodeProtobuf, encodeWatchFrame, hasProtobuf, MalformedProtobuf } from './index.ts';
import { messageFields } from './messages.data.ts';
import { messageOf } from './messages.ts';
import { specialMessages } from './special-messages.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: '网页',
    namespace: 'default',
    generation: 3,
    creationTimestamp: '2026-11-23T10:00:00Z',
    labels: { app: 'web', tier: '' },
    managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': { 'f:nodeName': {} } } }],
  },
  spec: {
    hostNetwork: true,
    priority: 0,
    automountServiceAccountToken: false,
    securityContext: { runAsUser: 0 },
    tolerations: [{ key: 'a', operator: 'Exists', tolerationSeconds: -1 }],
    volumes: [
      { name: 'config', configMap: { name: 'settings', optional: false } },
      { name: 'scratch', emptyDir: { sizeLimit: '64Mi' } },
    ],
    containers: [
      {
        name: 'main',
        image: 'web:1',
        resources: { limits: { cpu: '500m', memory: '1Gi' } },
        env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }],
        livenessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 2 },
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
      },
    ],
  },
};

describe('the protobuf encoding', () => {
  it('gives an object back as it was: inline fields, maps, times, quantities, zeros that mean something', () => {
    expect(decodeProtobuf(encodeProtobuf(pod))).toEqual(pod);
  });

  it.each([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { replicas: 0, strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } } },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { key: 'AP/+' }, type: 'Opaque' },
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec: { renewTime: '2026-11-23T10:00:00.123456Z', leaseDurationSeconds: 40 },
    },
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: {},
      status: { user: { username: 'u', extra: { k: ['a', 'b'] } } },
    },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'x' },
      spec: {
        versions: [
          {
            name: 'v1',
            schema: {
              openAPIV3Schema: {
                'x-kubernetes-int-or-string': true,
                default: null,
                items: { type: 'string' },
                additionalProperties: false,
                enum: [1, 'a', null],
              },
            },
            served: true,
            storage: false,
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      metadata: { resourceVersion: '7' },
      items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }],
    },
    { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' }, deleteOptions: { gracePeriodSeconds: 0 } },
  ])('gives back $kind', (object) => {
    expect(decodeProtobuf(encodeProtobuf(object))).toEqual(object);
  });

  it('reads what a Go client writes: zeros without presence are nothing', () => {
    // v1 Namespace {metadata: {name: "a", generateName: ""}, spec: {}, status: {phase: ""}} as gogo-protobuf writes it.
    const bytes = hex(
      '6b387300' +
        '0a0f0a0276311209' +
        '4e616d657370616365' +
        '120d' +
        '0a050a01611200' +
        '1200' +
        '1a020a00' +
        '1a00' +
        '2200',
    );
    expect(decodeProtobuf(bytes)).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'a' },
      spec: {},
      status: {},
    });
  });

  it.each(['', '6b3873', '6b387300ff', '6b3873000a05', '6b387300' + '0a0b0a02763112054e6f6e65'])(
    'refuses %j',
    (bytes) => {
      expect(() => decodeProtobuf(hex(bytes))).toThrow(MalformedProtobuf);
    },
  );

  it('knows which kinds it has', () => {
    expect(hasProtobuf('v1', 'Pod')).toBe(true);
    expect(hasProtobuf('rbac.authorization.k8s.io/v1', 'ClusterRole')).toBe(true);
    expect(hasProtobuf('example.com/v1', 'Widget')).toBe(false);
  });

  it('frames watch events by their length', () => {
    const frame = encodeWatchFrame('ADDED', Uint8Array.of(1, 2, 3));
    expect([...frame]).toEqual([0, 0, 0, 14, 10, 5, ...new TextEncoder().encode('ADDED'), 18, 5, 10, 3, 1, 2, 3]);
  });

  it('finds every message that another one names', () => {
    for (const name of Object.keys(messageFields)) {
      for (const { type } of messageOf(name).fields) {
        if (/[.A-Z]/.test(type) && specialMessages[type] === undefined) expect(messageOf(type).name).toBe(type);
      }
    }
  });
});
