import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { container, pod } from '../../testing/pods.ts';
import { refusalOf } from './plan-admission.ts';
import type { AdmissionFacts } from './plan-admission.ts';
import { podRequests } from './pod-requests.ts';

const node = (differs: Partial<Node> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'node-1',
    uid: 'n',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'kubernetes.io/os': 'linux', zone: 'a' },
  },
  spec: {},
  ...differs,
});
const asking = (requests: Record<string, string>, spec: Partial<Pod['spec']> = {}): Pod =>
  pod({ containers: [container('app', { resources: { requests } })], ...spec });
const facts: AdmissionFacts = {
  node: node(),
  allocatable: { cpu: '2', memory: '1Gi', pods: '3' },
  others: [asking({ cpu: '500m' })],
  allowedSysctls: ['net.core.*'],
  apparmor: false,
  isShuttingDown: false,
};
const answer = (wanted: Pod, differs: Partial<AdmissionFacts> = {}): string => {
  const refusal = refusalOf(wanted, { ...facts, ...differs });
  return refusal === undefined ? 'taken' : `${refusal.reason}: ${refusal.message}`;
};
const affinity = (values: string[]): Partial<Pod['spec']> => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values }] }],
      },
    },
  },
});
const onPort = (hostIP?: string): Pod =>
  pod({ containers: [container('app', { ports: [{ containerPort: 80, hostPort: 80, hostIP }] })] });
const setting = (name: string, spec: Partial<Pod['spec']> = {}): Pod =>
  pod({ securityContext: { sysctls: [{ name, value: '1' }] }, ...spec });
const pressed = (type: string): Partial<AdmissionFacts> => ({
  node: node({ status: { conditions: [{ type, status: 'True' }] } as Node['status'] }),
});
const tainted: Partial<AdmissionFacts> = {
  node: node({ spec: { taints: [{ key: 'broken', value: 'yes', effect: 'NoExecute' }] } }),
};

describe('a pod bound to this node', () => {
  it.each<[string, Pod, string, Partial<AdmissionFacts>?]>([
    ['is taken when it fits exactly', asking({ cpu: '1500m', memory: '1Gi' }), 'taken'],
    [
      'is refused when the processor does not suffice',
      asking({ cpu: '1501m' }),
      "OutOfcpu: Node didn't have enough resource: cpu, requested: 1501, used: 500, capacity: 2000",
    ],
    [
      'is refused when memory does not suffice',
      asking({ memory: '2Gi' }),
      "OutOfmemory: Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
    ],
    [
      'is refused when the node is full',
      pod(),
      "OutOfpods: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
      { others: [pod(), pod(), pod()] },
    ],
    ['is taken with a resource that only the cluster knows', asking({ 'example.com/license': '9' }), 'taken'],
    [
      'is refused by its node selector',
      pod({ nodeSelector: { zone: 'b' } }),
      "NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    ['is taken by its affinity', pod(affinity(['a', 'c'])), 'taken'],
    [
      'is refused by its affinity',
      pod(affinity(['b'])),
      "NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    ],
    [
      'is refused when its port is taken',
      onPort(),
      "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
      { others: [onPort('10.0.0.1')] },
    ],
    ['is taken when the port is on another address', onPort('10.0.0.2'), 'taken', { others: [onPort('10.0.0.1')] }],
    [
      'is refused by a taint',
      pod(),
      "TaintToleration: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
      tainted,
    ],
    ['tolerates a taint', pod({ tolerations: [{ key: 'broken', operator: 'Exists' }] }), 'taken', tainted],
    [
      'may not be for another system',
      pod({ os: { name: 'windows' } }),
      "PodOSNotSupported: Failed to admit pod as the OS field doesn't match node OS",
    ],
    [
      'needs AppArmor where it names a profile',
      pod({ securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'p' } } }),
      'AppArmor: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    ],
    [
      'is refused while the node shuts down',
      pod(),
      'NodeShutdown: Pod was rejected as the node is shutting down.',
      { isShuttingDown: true },
    ],
    [
      'without requests is refused under memory pressure',
      pod(),
      'Evicted: The node had condition: [MemoryPressure]. ',
      pressed('MemoryPressure'),
    ],
    ['with requests is taken under memory pressure', asking({ memory: '1Mi' }), 'taken', pressed('MemoryPressure')],
    [
      'is refused under disk pressure',
      asking({ memory: '1Mi' }),
      'Evicted: The node had condition: [DiskPressure]. ',
      pressed('DiskPressure'),
    ],
    ['is taken under pressure when critical', pod({ priority: 2_000_000_000 }), 'taken', pressed('DiskPressure')],
  ])('%s', (_title, wanted, said, differs) => {
    expect(answer(wanted, differs)).toBe(said);
  });
});

describe('a kernel setting', () => {
  it.each<[string, Pod, string]>([
    ['that is safe is taken', setting('kernel.shm_rmid_forced'), 'taken'],
    ['written with slashes is taken', setting('net/ipv4/tcp_syncookies'), 'taken'],
    ['that the administrator allowed is taken', setting('net.core.somaxconn'), 'taken'],
    [
      'that is neither is refused',
      setting('kernel.msgmax'),
      'SysctlForbidden: forbidden sysctl: "kernel.msgmax" not allowlisted',
    ],
    [
      'of the host’s network is refused',
      setting('net.ipv4.tcp_syncookies', { hostNetwork: true }),
      'SysctlForbidden: forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
    ],
    [
      'of the host’s IPC is refused',
      setting('kernel.shm_rmid_forced', { hostIPC: true }),
      'SysctlForbidden: forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
    ],
  ])('%s', (_title, wanted, said) => {
    expect(answer(wanted)).toBe(said);
  });
});

describe('what a pod asks for', () => {
  const sized = (cpu: string, always = false) =>
    container('c', { resources: { requests: { cpu } }, ...(always && { restartPolicy: 'Always' }) });
  it.each<[string, Partial<Pod['spec']>, number]>([
    ['is the sum of its containers', { containers: [sized('1'), sized('500m')] }, 1500],
    [
      'is the largest init container when that is more',
      { containers: [sized('1')], initContainers: [sized('3')] },
      3000,
    ],
    [
      'has sidecars beside its containers and later init containers',
      { containers: [sized('1')], initContainers: [sized('2', true), sized('2')] },
      4000,
    ],
    ['has its overhead on top', { containers: [sized('1')], overhead: { cpu: '250m' } }, 1250],
    [
      'is what the pod itself says',
      { containers: [sized('1')], resources: { requests: { cpu: '700m' } } } as Partial<Pod['spec']>,
      700,
    ],
    [
      'is the limit where only that is given',
      { containers: [container('c', { resources: { limits: { cpu: '2' } } })] },
      2000,
    ],
  ])('%s', (_title, spec, milli) => {
    expect(podRequests(pod(spec)).get('cpu')).toBe(milli);
  });
});
