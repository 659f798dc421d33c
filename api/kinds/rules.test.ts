import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../meta/object-meta.ts';
import { daemonSets, deployments, statefulSets } from './apps/index.ts';
import { configMaps, events, namespaces, nodes, pods, secrets, services } from './core/index.ts';
import { leases } from './coordination/index.ts';
import { endpointSlices } from './discovery/index.ts';
import { clusterRoles } from './rbac/index.ts';
import type { ResourceDefinition } from './resource.ts';
import { admitted, faults, updateFaults } from './rules-fixture.ts';

const container = { name: 'web', image: 'nginx:1' };
const podOf = (spec: object = {}, metadata: object = {}): object => ({
  metadata: { name: 'a', namespace: 'n', ...metadata },
  spec: { containers: [container], ...spec },
});
const withContainer = (extra: object, spec: object = {}): object =>
  podOf({ containers: [{ ...container, ...extra }], ...spec });

describe('metadata', () => {
  it.each([
    [{ name: 'A' }, /^metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain/],
    [{ name: undefined }, /^metadata.name: Required value: name or generateName is required$/],
    [{ labels: { 'a b': 'c' } }, /^metadata.labels: Invalid value: "a b": name part must consist of/],
    [{ labels: { a: 'c d' } }, /^metadata.labels: Invalid value: "c d": a valid label must be/],
    [
      { annotations: { a: 'x'.repeat(262_144) } },
      /^metadata.annotations: Too long: may not be more than 262144 bytes$/,
    ],
    [
      { finalizers: ['mine'] },
      /^metadata.finalizers: Invalid value: "mine": name is neither a standard finalizer name/,
    ],
    [
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: '' }] },
      /^metadata.ownerReferences\[0\].uid: /,
    ],
  ])('refuses %j', (metadata, sentence) => {
    expect(faults(pods, podOf({}, metadata))).toContainEqual(expect.stringMatching(sentence));
  });

  it('lets RBAC names carry colons, and services and namespaces only labels', () => {
    expect(faults(clusterRoles, { metadata: { name: 'system:node' } })).toEqual([]);
    expect(faults(services, { metadata: { name: '1a' }, spec: { ports: [{ port: 1 }] } })).toHaveLength(1);
    expect(faults(namespaces, { metadata: { name: 'a.b' } })).toHaveLength(1);
  });

  it('keeps what the server decided', () => {
    const change = (object: KubernetesObject): void => {
      object.metadata.uid = 'other';
    };
    expect(updateFaults(pods, podOf({}, { uid: 'u' }), change)).toEqual([
      'metadata.uid: Invalid value: "other": field is immutable',
    ]);
  });

  it('takes no new finalizer while it is being deleted', () => {
    const deleted = podOf({}, { deletionTimestamp: '2026-11-23T00:00:00Z', finalizers: ['a/a'] });
    expect(updateFaults(pods, deleted, ({ metadata }) => (metadata.finalizers = ['a/a', 'b/b']))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"b/b"}',
    ]);
    expect(updateFaults(pods, deleted, ({ metadata }) => (metadata.finalizers = []))).toEqual([]);
  });
});

describe('pods', () => {
  it('accepts a full one', () => {
    const pod = withContainer(
      {
        ports: [{ containerPort: 80, name: 'http' }],
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a']" } } }],
        envFrom: [{ configMapRef: { name: 'c' } }],
        volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'a/b' }],
        resources: { requests: { cpu: '1', 'example.com/gpu': '1' }, limits: { cpu: '2', 'example.com/gpu': '1' } },
        readinessProbe: { exec: { command: ['true'] }, successThreshold: 2 },
        lifecycle: { preStop: { sleep: { seconds: 1 } } },
      },
      {
        volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }],
        tolerations: [{ operator: 'Exists' }],
        hostAliases: [{ ip: '10.0.0.1', hostnames: ['a.b'] }],
      },
    );
    expect(faults(pods, pod)).toEqual([]);
  });

  it.each<[object, string]>([
    [podOf({ containers: [] }), 'spec.containers: Required value'],
    [withContainer({ image: '' }), 'spec.containers[0].image: Required value'],
    [podOf({ containers: [container, container] }), 'spec.containers[1].name: Duplicate value: "web"'],
    [
      withContainer({ ports: [{ containerPort: 70000 }] }),
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
      'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
    ],
    [
      withContainer({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
      'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      'spec.containers[0].volumeMounts[0].name: Not found: "v"',
    ],
    [
      withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v', subPath: '../x' }] }, { volumes: [{ name: 'v' }] }),
      'spec.containers[0].volumeMounts[0].subPath: Invalid value: "../x": must not contain \'..\'',
    ],
    [
      withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    [
      withContainer({ resources: { requests: { memory: '-1' } } }),
      'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      withContainer({ livenessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } }),
      'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
    [
      withContainer({ livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } }),
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ],
    [
      podOf({ initContainers: [{ ...container, name: 'i', lifecycle: {} }] }),
      'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
    [
      podOf({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }),
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
    ],
    [podOf({ volumes: [{ name: 'v' }, { name: 'v' }] }), 'spec.volumes[1].name: Duplicate value: "v"'],
    [
      podOf({ dnsPolicy: 'None' }),
      'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
    ],
    [
      podOf({ restartPolicy: 'Now' }),
      'spec.restartPolicy: Unsupported value: "Now": supported values: "Always", "Never", "OnFailure"',
    ],
    [
      podOf({ tolerations: [{ key: 'a', tolerationSeconds: 1 }] }),
      'spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
    [
      podOf({
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
      }),
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
    [
      podOf({ activeDeadlineSeconds: 0 }),
      'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
    ],
  ])('refuses %j', (pod, sentence) => {
    expect(faults(pods, pod)).toContain(sentence);
  });

  it('start pending, with their quality of service, whatever the client says', () => {
    const pod = {
      ...withContainer({ resources: { limits: { cpu: '1', memory: '1Gi' } } }),
      status: { phase: 'Running' },
    };
    expect(admitted(pods, pod).status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
    expect(admitted(pods, podOf()).status?.qosClass).toBe('BestEffort');
    expect(admitted(pods, withContainer({ resources: { requests: { cpu: '1' } } })).status?.qosClass).toBe('Burstable');
  });

  it('may change their image, their tolerations and their deadline, but little else', () => {
    expect(
      updateFaults(
        pods,
        podOf(),
        ({ spec }) => (spec.containers[0] = { ...spec.containers[0], name: 'web', image: 'other' }),
      ),
    ).toEqual([]);
    expect(updateFaults(pods, podOf(), ({ spec }) => (spec.tolerations = [{ key: 'a', operator: 'Exists' }]))).toEqual(
      [],
    );
    expect(updateFaults(pods, podOf(), ({ spec }) => (spec.activeDeadlineSeconds = 5))).toEqual([]);
    expect(updateFaults(pods, podOf(), ({ spec }) => (spec.nodeName = 'x'))).toEqual([
      expect.stringMatching(/^spec: Forbidden: pod updates may not change fields other than/),
    ]);
    expect(
      updateFaults(pods, podOf(), ({ spec }) => (spec.containers = [...spec.containers, { name: 'b', image: 'b' }])),
    ).toEqual(['spec.containers: Forbidden: pod updates may not add or remove containers']);
    expect(
      updateFaults(pods, podOf({ schedulingGates: [{ name: 'a/g' }] }), ({ spec }) => delete spec.schedulingGates),
    ).toEqual([]);
    expect(updateFaults(pods, podOf(), ({ spec }) => (spec.schedulingGates = [{ name: 'a/g' }]))).toHaveLength(1);
  });
});

describe('services', () => {
  const service = (spec: object): object => ({ metadata: { name: 's', namespace: 'n' }, spec });

  it.each<[object, string]>([
    [{}, 'spec.ports: Required value'],
    [{ ports: [{ port: 80 }, { port: 81 }] }, 'spec.ports[0].name: Required value'],
    [
      {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b' },
        ],
      },
      'spec.ports[1]: Duplicate value: "TCP/80"',
    ],
    [
      { ports: [{ port: 80, nodePort: 30000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [{ type: 'ExternalName' }, 'spec.externalName: Required value'],
    [
      { type: 'NodePort', clusterIP: 'None', ports: [{ port: 1 }] },
      'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
    ],
    [
      { ports: [{ port: 1 }], clusterIP: 'x' },
      'spec.clusterIP: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ])('refuses %j', (spec, sentence) => {
    expect(faults(services, service(spec))).toContain(sentence);
  });

  it('may be headless without ports', () => {
    expect(faults(services, service({ clusterIP: 'None' }))).toEqual([]);
  });

  const given = service({
    type: 'NodePort',
    clusterIP: '10.96.0.5',
    clusterIPs: ['10.96.0.5'],
    ports: [{ port: 80, nodePort: 30080 }],
  });

  it('keep their address and node ports when a client leaves them out', () => {
    const previous = admitted(services, given);
    const next = admitted(services, service({ type: 'NodePort', ports: [{ port: 80 }, { port: 81, name: 'b' }] }));
    services.prepareForUpdate?.(next, previous);
    expect(next.spec).toMatchObject({
      clusterIP: '10.96.0.5',
      clusterIPs: ['10.96.0.5'],
      ports: [{ nodePort: 30080 }, { port: 81 }],
    });
  });

  it('do not change their address', () => {
    expect(
      updateFaults(services, given, ({ spec }) => {
        spec.clusterIP = '10.96.0.6';
        spec.clusterIPs = ['10.96.0.6'];
      }),
    ).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.0.6"]: may not change once set']);
  });
});

describe('workloads', () => {
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } };
  const workload = (spec: object = {}): object => ({
    metadata: { name: 'w', namespace: 'n' },
    spec: { selector: { matchLabels: { app: 'a' } }, template, ...spec },
  });

  it.each<[object, string]>([
    [
      { selector: { matchLabels: { app: 'b' } } },
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [{ selector: {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    [{ replicas: -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      { strategy: { type: 'Recreate', rollingUpdate: {} } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      { progressDeadlineSeconds: 5, minReadySeconds: 5 },
      'spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds',
    ],
  ])('a deployment refuses %j', (spec, sentence) => {
    expect(faults(deployments, workload(spec))).toContain(sentence);
  });

  it('keep their selector', () => {
    expect(faults(deployments, workload())).toEqual([]);
    const change = ({ spec }: { spec: { selector: object } }): void => {
      spec.selector = { matchLabels: { app: 'c' } };
    };
    expect(updateFaults(deployments, workload(), change)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"c"}}: field is immutable',
    ]);
  });

  it('a daemon set surges or yields, not both and not neither', () => {
    expect(faults(daemonSets, workload())).toEqual([]);
    const rolling = (rollingUpdate: object): object => workload({ updateStrategy: { rollingUpdate } });
    expect(faults(daemonSets, rolling({ maxSurge: 1, maxUnavailable: 1 }))).toHaveLength(1);
    expect(faults(daemonSets, rolling({ maxSurge: 0, maxUnavailable: 0 }))).toHaveLength(1);
  });

  it('a stateful set keeps its storage and its service', () => {
    const set = workload({ serviceName: 's' });
    expect(faults(statefulSets, set)).toEqual([]);
    expect(updateFaults(statefulSets, set, ({ spec }) => (spec.replicas = 3))).toEqual([]);
    expect(updateFaults(statefulSets, set, ({ spec }) => (spec.serviceName = 'x'))).toEqual([
      expect.stringMatching(/^spec: Forbidden: updates to statefulset spec/),
    ]);
  });
});

describe('other kinds', () => {
  const named = (rest: object): object => ({ metadata: { name: 'x', namespace: 'n' }, ...rest });

  it.each<[ResourceDefinition, object, string]>([
    [
      configMaps as ResourceDefinition,
      named({ data: { 'a/b': 'x' } }),
      'data[a/b]: Invalid value: "a/b": a valid config key must consist of',
    ],
    [
      configMaps as ResourceDefinition,
      named({ data: { a: 'x' }, binaryData: { a: 'eA==' } }),
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    [
      configMaps as ResourceDefinition,
      named({ data: { a: 'x'.repeat(1_048_577) } }),
      ': Too long: may not be more than 1048576 bytes',
    ],
    [secrets as ResourceDefinition, named({ type: 'kubernetes.io/tls' }), 'data[tls.crt]: Required value'],
    [
      nodes as ResourceDefinition,
      { metadata: { name: 'x' }, spec: { taints: [{ key: 'a', effect: 'Never' }] } },
      'spec.taints[0].effect: Unsupported value: "Never"',
    ],
    [
      leases as ResourceDefinition,
      named({ spec: { leaseDurationSeconds: 0 } }),
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ],
    [
      events as ResourceDefinition,
      named({ involvedObject: { namespace: 'm', name: 'p', kind: 'Pod' } }),
      'involvedObject.namespace: Invalid value: "m": does not match event.namespace',
    ],
    [
      endpointSlices as ResourceDefinition,
      named({ addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'] }] }),
      'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ])('%# refuses', (definition, object, sentence) => {
    expect(faults(definition, object)).toContainEqual(expect.stringContaining(sentence));
  });

  it('frozen data stays', () => {
    const frozen = named({ data: { a: 'x' }, immutable: true });
    expect(updateFaults(configMaps, frozen, (map) => (map.data = {}))).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    expect(updateFaults(configMaps, frozen, (map) => delete map.immutable)).toEqual([
      'immutable: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  it('a node keeps its pod range, and brings its status along', () => {
    const node = {
      metadata: { name: 'x' },
      spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] },
      status: { capacity: { cpu: '2' } },
    };
    expect(admitted(nodes, node).status?.allocatable).toEqual({ cpu: '2' });
    expect(updateFaults(nodes, node, ({ spec }) => (spec.podCIDRs = ['10.2.0.0/24']))).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ]);
  });
});
