import { describe, expect, it } from 'vitest';
import { deployments } from '../kinds/apps/index.ts';
import { endpointSlices } from '../kinds/discovery/index.ts';
import { namespaces, pods, secrets, services } from '../kinds/core/index.ts';
import { applyDefaults, decode, validateStructure } from './index.ts';

const container = { name: 'web', image: 'nginx' };

function pod(spec: object = {}, metadata: object = {}): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', ...metadata },
    spec: { containers: [{ ...container }], ...spec },
  };
}

describe('decode', () => {
  it('reports and drops unknown fields by their path', () => {
    const unknown: string[] = [];
    const object = pod({ bogus: 1, containers: [{ ...container, colour: 'red' }] });
    expect(decode(pods.schema, object, { onUnknown: (path) => unknown.push(path) })).toEqual([]);
    expect(unknown.sort()).toEqual(['spec.bogus', 'spec.containers[0].colour']);
    expect(object).toEqual(pod());
  });

  it('drops nulls and empty optional lists and maps, but keeps empty objects', () => {
    const object = pod(
      { volumes: [{ name: 'v', emptyDir: {} }], nodeSelector: {}, tolerations: [], hostname: null },
      { labels: {}, creationTimestamp: null },
    );
    expect(decode(pods.schema, object)).toEqual([]);
    expect(object).toEqual(pod({ volumes: [{ name: 'v', emptyDir: {} }] }));
  });

  it('writes quantities and times canonically', () => {
    const object = pod(
      { containers: [{ ...container, resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] },
      { creationTimestamp: '2026-11-23T17:40:12.5+02:00' },
    );
    expect(decode(pods.schema, object)).toEqual([]);
    expect(object).toMatchObject({
      metadata: { creationTimestamp: '2026-11-23T15:40:12Z' },
      spec: { containers: [{ resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
    });
  });

  it.each([
    [{ containers: 'x' }, 'spec.containers'],
    [{ containers: [{ ...container, ports: [{ containerPort: '80' }] }] }, 'spec.containers[0].ports[0].containerPort'],
    [{ hostNetwork: 'yes' }, 'spec.hostNetwork'],
    [{ terminationGracePeriodSeconds: 1.5 }, 'spec.terminationGracePeriodSeconds'],
    [{ priority: 2 ** 31 }, 'spec.priority'],
    [{ nodeSelector: { a: 1 } }, 'spec.nodeSelector[a]'],
    [{ overhead: { cpu: 'lots' } }, 'spec.overhead[cpu]'],
  ])('reports values of a wrong type: %j', (spec, path) => {
    expect(decode(pods.schema, pod(spec))).toMatchObject([{ path, reason: 'FieldValueTypeInvalid' }]);
  });
});

describe('applyDefaults', () => {
  it('fills in a pod as upstream does', () => {
    const object = pod({
      containers: [
        {
          ...container,
          image: 'nginx:1.27',
          ports: [{ containerPort: 80 }],
          livenessProbe: { httpGet: { port: 80 } },
          resources: { limits: { cpu: '1' } },
        },
      ],
      volumes: [{ name: 'v' }, { name: 'c', configMap: { name: 'x' } }],
    });
    applyDefaults(pods.schema, object);
    expect(object['spec']).toEqual({
      containers: [
        {
          name: 'web',
          image: 'nginx:1.27',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          ports: [{ containerPort: 80, protocol: 'TCP' }],
          livenessProbe: {
            httpGet: { port: 80, path: '/', scheme: 'HTTP' },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
          resources: { limits: { cpu: '1' }, requests: { cpu: '1' } },
        },
      ],
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'c', configMap: { name: 'x', defaultMode: 420 } },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
      enableServiceLinks: true,
    });
  });

  it('changes nothing when it is applied again', () => {
    const object = pod();
    applyDefaults(pods.schema, object);
    const once = JSON.stringify(object);
    applyDefaults(pods.schema, object);
    expect(JSON.stringify(object)).toBe(once);
  });

  it.each([
    [
      { ports: [{ port: 80 }] },
      {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      },
    ],
    [{ ports: [{ port: 80, targetPort: 0 }] }, { ports: [{ port: 80, targetPort: 80 }] }],
    [{ type: 'NodePort', ports: [] }, { externalTrafficPolicy: 'Cluster' }],
    [{ type: 'LoadBalancer', ports: [] }, { allocateLoadBalancerNodePorts: true }],
    [{ sessionAffinity: 'ClientIP' }, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } }],
  ])('fills in a service %j', (spec, expected) => {
    const object = { metadata: { name: 's' }, spec: { ...spec } };
    applyDefaults(services.schema, object);
    expect(object.spec).toMatchObject(expected);
  });

  it('does not give a recreated deployment a rolling pace', () => {
    const object = { metadata: { name: 'd' }, spec: { strategy: { type: 'Recreate' }, template: {} } };
    applyDefaults(deployments.schema, object);
    expect(object.spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'Recreate' },
    });
    expect(object.spec.strategy).not.toHaveProperty('rollingUpdate');
  });

  it('moves text of a secret to its data and labels a namespace with its name', () => {
    const secret = { metadata: { name: 's' }, data: { a: 'eA==' }, stringData: { a: 'y', b: 'z' } };
    applyDefaults(secrets.schema, secret);
    expect(secret).toEqual({ metadata: { name: 's' }, type: 'Opaque', data: { a: 'eQ==', b: 'eg==' } });
    const namespace = { metadata: { name: 'n' } };
    applyDefaults(namespaces.schema, namespace);
    expect(namespace).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'n' } },
      status: { phase: 'Active' },
    });
  });
});

describe('validateStructure', () => {
  it('demands required fields and known words, also in lists and maps', () => {
    const object = pod({
      restartPolicy: 'Sometimes',
      containers: [{ image: 'x' }],
      volumes: [{ name: 'v', hostPath: {} }],
    });
    expect(validateStructure(pods.schema, object).map(({ path, reason }) => [path, reason])).toEqual([
      ['spec.containers[0].name', 'FieldValueRequired'],
      ['spec.restartPolicy', 'FieldValueNotSupported'],
      ['spec.volumes[0].hostPath.path', 'FieldValueRequired'],
    ]);
  });

  it('takes a status as it comes, and a slice without endpoints', () => {
    expect(
      validateStructure(deployments.schema, {
        metadata: {},
        spec: { selector: {}, template: {} },
        status: { conditions: [{}] },
      }),
    ).toEqual([]);
    const slice = { metadata: { name: 's' }, addressType: 'IPv4', endpoints: null };
    decode(endpointSlices.schema, slice);
    applyDefaults(endpointSlices.schema, slice);
    expect(validateStructure(endpointSlices.schema, slice)).toEqual([]);
  });
});
