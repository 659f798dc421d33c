import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deployments } from '../apps/index.ts';
import { cronJobs, jobs } from '../batch/index.ts';
import { catalogue } from '../catalogue.ts';
import { endpoints, events, nodes, pods, services, type Pod } from '../core/index.ts';
import { endpointSlices } from '../discovery/index.ts';
import { horizontalPodAutoscalers } from '../autoscaling/index.ts';
import type { ResourceDefinition } from '../resource.ts';

const now = Date.UTC(2026, 10, 23, 12);
const minutesAgo = (minutes: number): string => new Date(now - minutes * 60_000).toISOString().replace('.000', '');
const meta = { name: 'x', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: minutesAgo(5) };

function row(definition: unknown, object: object): unknown[] {
  return (definition as ResourceDefinition).row(
    { apiVersion: 'v1', kind: 'K', metadata: meta, ...object } as never,
    now,
  );
}

const spec = {
  containers: [
    { name: 'a', image: 'i' },
    { name: 'b', image: 'i' },
  ],
};
const running = { state: { running: {} }, ready: true, restartCount: 0, image: '', imageID: '' };

describe('pod rows', () => {
  const cases: [string, Partial<Pod>, unknown[]][] = [
    ['pending', { spec, status: { phase: 'Pending' } }, ['0/2', 'Pending', '0', '5m']],
    [
      'running',
      {
        spec,
        status: {
          phase: 'Running',
          containerStatuses: [
            { ...running, name: 'a' },
            { ...running, name: 'b' },
          ],
        },
      },
      ['2/2', 'Running', '0', '5m'],
    ],
    [
      'crashing',
      {
        spec,
        status: {
          phase: 'Running',
          containerStatuses: [
            { ...running, name: 'a' },
            {
              ...running,
              name: 'b',
              ready: false,
              restartCount: 4,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 1, finishedAt: minutesAgo(1) } },
            },
          ],
        },
      },
      ['1/2', 'CrashLoopBackOff', '4 (60s ago)', '5m'],
    ],
    [
      'ended',
      {
        spec,
        status: {
          phase: 'Succeeded',
          containerStatuses: [
            { ...running, name: 'a', ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
          ],
        },
      },
      ['0/2', 'Completed', '0', '5m'],
    ],
    [
      'killed',
      {
        spec,
        status: {
          phase: 'Failed',
          containerStatuses: [
            { ...running, name: 'a', ready: false, state: { terminated: { exitCode: 137, signal: 9 } } },
          ],
        },
      },
      ['0/2', 'Signal:9', '0', '5m'],
    ],
    ['evicted', { spec, status: { phase: 'Failed', reason: 'Evicted' } }, ['0/2', 'Evicted', '0', '5m']],
    [
      'gated',
      {
        spec,
        status: {
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
        },
      },
      ['0/2', 'SchedulingGated', '0', '5m'],
    ],
    [
      'leaving',
      { metadata: { ...meta, deletionTimestamp: minutesAgo(0) }, spec, status: { phase: 'Running' } },
      ['0/2', 'Terminating', '0', '5m'],
    ],
    [
      'initializing',
      {
        spec: { ...spec, initContainers: [{ name: 'i' }, { name: 'j' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [
            { ...running, name: 'i', state: { terminated: { exitCode: 0 } } },
            { ...running, name: 'j', ready: false },
          ],
        },
      },
      ['0/2', 'Init:1/2', '0', '5m'],
    ],
    [
      'failing to initialize',
      {
        spec: { ...spec, initContainers: [{ name: 'i' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [
            {
              ...running,
              name: 'i',
              ready: false,
              restartCount: 2,
              state: { waiting: { reason: 'ImagePullBackOff' } },
            },
          ],
        },
      },
      ['0/2', 'Init:ImagePullBackOff', '2', '5m'],
    ],
    [
      'with a sidecar',
      {
        spec: { ...spec, initContainers: [{ name: 's', restartPolicy: 'Always' }] },
        status: {
          phase: 'Running',
          initContainerStatuses: [{ ...running, name: 's', started: true }],
          containerStatuses: [
            { ...running, name: 'a' },
            { ...running, name: 'b' },
          ],
        },
      },
      ['3/3', 'Running', '0', '5m'],
    ],
  ];

  it.each(cases)('%s', (_title, pod, expected) => {
    expect(row(pods, pod).slice(1, 5)).toEqual(expected);
  });

  it('show address and node with -o wide', () => {
    expect(row(pods, { spec: { ...spec, nodeName: 'w1' }, status: { podIP: '10.0.0.1' } }).slice(5)).toEqual([
      '10.0.0.1',
      'w1',
      '<none>',
      '<none>',
    ]);
  });
});

describe('rows of other kinds', () => {
  it.each<[unknown, object, unknown[]]>([
    [
      nodes,
      {
        metadata: {
          ...meta,
          labels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/worker': '' },
        },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v1.36.0' },
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        },
      },
      [
        'x',
        'Ready,SchedulingDisabled',
        'control-plane,worker',
        '5m',
        'v1.36.0',
        '10.0.0.1',
        '<none>',
        '<unknown>',
        '<unknown>',
        '<unknown>',
      ],
    ],
    [
      deployments,
      {
        spec: { replicas: 3, selector: { matchLabels: { b: '2', a: '1' } }, template: { spec } },
        status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
      },
      ['x', '2/3', 3, 2, '5m', 'a,b', 'i,i', 'a=1,b=2'],
    ],
    [
      services,
      {
        spec: {
          type: 'NodePort',
          clusterIP: '10.96.0.1',
          ports: [
            { port: 80, nodePort: 30080, protocol: 'TCP' },
            { port: 53, protocol: 'UDP' },
          ],
        },
      },
      ['x', 'NodePort', '10.96.0.1', '<none>', '80:30080/TCP,53/UDP', '5m', '<none>'],
    ],
    [
      services,
      { spec: { type: 'LoadBalancer', clusterIP: '10.96.0.1', ports: [] } },
      ['x', 'LoadBalancer', '10.96.0.1', '<pending>', '<none>', '5m', '<none>'],
    ],
    [
      endpoints,
      {
        subsets: [{ addresses: ['1', '2', '3', '4'].map((last) => ({ ip: `10.0.0.${last}` })), ports: [{ port: 80 }] }],
      },
      ['x', '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...', '5m'],
    ],
    [endpointSlices, { addressType: 'IPv4', endpoints: [], ports: [] }, ['x', 'IPv4', '<unset>', '<unset>', '5m']],
    [
      events,
      {
        involvedObject: { kind: 'Pod', name: 'p' },
        type: 'Normal',
        reason: 'Started',
        message: ' hi\n',
        firstTimestamp: minutesAgo(3),
        lastTimestamp: minutesAgo(2),
        count: 3,
        source: { component: 'kubelet', host: 'w1' },
      },
      ['2m', 'Normal', 'Started', 'pod/p', '', 'kubelet, w1', 'hi', '3m', 3, 'x'],
    ],
    [
      jobs,
      {
        spec: { completions: 2, template: { spec }, selector: {} },
        status: { succeeded: 1, startTime: minutesAgo(2) },
      },
      ['x', 'Running', '1/2', '2m', '5m', 'a,b', 'i,i', '<none>'],
    ],
    [
      cronJobs,
      { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec } } } }, status: {} },
      ['x', '* * * * *', '<none>', 'False', 0, '<none>', '5m', 'a,b', 'i,i', '<none>'],
    ],
    [
      horizontalPodAutoscalers,
      {
        spec: {
          minReplicas: 1,
          maxReplicas: 3,
          scaleTargetRef: { kind: 'Deployment', name: 'd' },
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          ],
        },
        status: {
          currentReplicas: 2,
          currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 10 } } }],
        },
      },
      ['x', 'Deployment/d', 'cpu: 10%/80%', '1', 3, 2, '5m'],
    ],
  ])('%#', (definition, object, expected) => {
    expect(row(definition, object)).toEqual(expected);
  });

  it('has as many cells as columns for an almost empty object of every kind', () => {
    const bare = {
      spec: {
        template: { spec: {} },
        jobTemplate: { spec: { template: { spec: {} } } },
        scaleTargetRef: {},
        source: {},
        parentRef: {},
        pool: {},
        priorityLevelConfiguration: {},
        podSelector: {},
      },
      roleRef: {},
      involvedObject: {},
    };
    for (const definition of catalogue) {
      if (definition.verbs.includes('list'))
        expect(row(definition, bare), definition.plural).toHaveLength(definition.columns.length);
    }
  });
});

const reference = new URL('../../../../shared/reference/table-columns.json', import.meta.url);
const suite = existsSync(reference) ? describe : describe.skip;

suite('columns against the reference (skipped where ../shared/reference is not there)', () => {
  interface Table {
    group: string;
    kind: string;
    columns: unknown[];
  }
  const tables = existsSync(reference) ? (JSON.parse(readFileSync(reference, 'utf8')) as Table[]) : [];

  it.each(tables.map(({ group, kind, columns }) => ({ group, kind, columns })))(
    '$group $kind',
    ({ group, kind, columns }) => {
      const definition = catalogue.find(
        (entry) => entry.group === group && entry.kind === kind && entry.verbs.includes('list'),
      );
      if (definition !== undefined) expect(definition.columns).toMatchObject(columns as object[]);
    },
  );
});
