import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { podRow } from './pod.ts';

const running = { state: { running: {} }, ready: true, restartCount: 0 };
const pod = (status: object, spec: object = {}, metadata: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-5d4-abcde',
      namespace: 'default',
      uid: 'u',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: { nodeName: 'a', containers: [{ name: 'main', image: 'web' }], ...spec },
    status,
  }) as unknown as Pod;
const ready = [{ type: 'Ready', status: 'True' }];

describe('a pod’s row', () => {
  it.each<[string, Pod, string, string]>([
    ['no machine yet', pod({ phase: 'Pending' }, { nodeName: undefined }), 'pending', 'Pending'],
    [
      'its image being pulled',
      pod({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] }),
      'starting',
      'ContainerCreating',
    ],
    ['all well', pod({ phase: 'Running', conditions: ready, containerStatuses: [running] }), 'running', 'Running'],
    [
      'its probe failing',
      pod({ phase: 'Running', containerStatuses: [{ ...running, ready: false }] }),
      'notReady',
      'Running',
    ],
    [
      'crashes in a row',
      pod({
        phase: 'Running',
        containerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 4 }],
      }),
      'failed',
      'CrashLoopBackOff',
    ],
    [
      'an image that is not there',
      pod({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] }),
      'failed',
      'ImagePullBackOff',
    ],
    [
      'a container that just died',
      pod({ phase: 'Running', containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] }),
      'failed',
      'OOMKilled',
    ],
    [
      'an init container at work',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [{ state: { running: {} } }],
          containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }],
        },
        { initContainers: [{ name: 'init', image: 'i' }] },
      ),
      'starting',
      'Init:0/1',
    ],
    [
      'its work done',
      pod({ phase: 'Succeeded', containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }] }),
      'succeeded',
      'Completed',
    ],
    ['been evicted', pod({ phase: 'Failed', reason: 'Evicted' }), 'failed', 'Evicted'],
    [
      'to end',
      pod({ phase: 'Running', containerStatuses: [running] }, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      'terminating',
      'Terminating',
    ],
  ])('with %s', (_title, object, state, reason) => {
    expect(podRow(object)).toMatchObject({ state, reason });
  });

  it('names the Deployment behind its ReplicaSet', () => {
    const owners = (kind: string, name: string) => [{ apiVersion: 'apps/v1', kind, name, uid: 'r', controller: true }];
    const labels = { 'pod-template-hash': '5d4' };
    expect(podRow(pod({}, {}, { labels, ownerReferences: owners('ReplicaSet', 'web-5d4') })).owner).toEqual({
      kind: 'Deployment',
      name: 'web',
    });
    expect(podRow(pod({}, {}, { ownerReferences: owners('ReplicaSet', 'bare') })).owner).toEqual({
      kind: 'ReplicaSet',
      name: 'bare',
    });
    expect(podRow(pod({})).owner).toBeUndefined();
  });

  it('asks for the sum of its containers or its largest init container', () => {
    const container = (cpu: string, memory: string): object => ({
      name: 'c',
      image: 'i',
      resources: { requests: { cpu, memory } },
    });
    const spec = {
      containers: [container('100m', '64Mi'), container('0.2', '64Mi')],
      initContainers: [container('1', '32Mi')],
    };
    expect(podRow(pod({}, spec))).toMatchObject({ cpuMilli: 1000, memoryBytes: 128 * 1024 * 1024 });
  });
});
