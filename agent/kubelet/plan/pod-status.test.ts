import { describe, expect, it } from 'vitest';
import type { Pod, PodStatus } from '../../../api/kinds/core/index.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import { container, ended, observed, pod, sandbox } from '../../testing/pods.ts';
import { podStatus } from './pod-status.ts';
import type { StatusFacts } from './pod-status.ts';
import { viewPod } from './pod-view.ts';

function statusOf(of: Pod, seen: readonly ObservedContainer[], differs: Partial<StatusFacts> = {}): PodStatus {
  return podStatus(of, {
    view: viewPod(seen),
    isDone: false,
    podIps: ['10.244.0.2'],
    hostIps: ['10.0.0.1'],
    startTimeMs: 0,
    nowMs: 60_000,
    waiting: new Map(),
    isReady: () => true,
    hasStarted: () => true,
    messageOf: () => undefined,
    ...differs,
  });
}

const condition = (status: PodStatus, type: string): string | undefined =>
  status.conditions?.find((one) => one.type === type)?.status;

const never = pod({ restartPolicy: 'Never' });
const withInit = pod({ initContainers: [container('init')] });
const two = pod({ containers: [container('a'), container('b')], restartPolicy: 'Never' });

describe('the phase', () => {
  it.each<[string, Pod, ObservedContainer[], Partial<StatusFacts>, string]>([
    ['Pending before anything runs', pod(), [], {}, 'Pending'],
    ['Pending while init containers run', withInit, [sandbox(), observed('init')], {}, 'Pending'],
    ['Pending while an init container is tried again', withInit, [sandbox(), ended('init', 1)], {}, 'Pending'],
    ['Running when a container runs', pod(), [sandbox(), observed('app')], {}, 'Running'],
    [
      'Running between restarts',
      pod(),
      [sandbox(), ended('app', 1)],
      { waiting: new Map([['app', { reason: 'CrashLoopBackOff' }]]) },
      'Running',
    ],
    ['Succeeded when all ended well', two, [ended('a', 0), ended('b', 0)], { isDone: true }, 'Succeeded'],
    ['Failed when one did not', two, [ended('a', 0), ended('b', 2)], { isDone: true }, 'Failed'],
    [
      'Failed when an init container failed for good',
      pod({ ...withInit.spec, restartPolicy: 'Never' }),
      [ended('init', 1)],
      { isDone: true },
      'Failed',
    ],
    [
      'Failed by the kubelet’s verdict',
      pod(),
      [ended('app', 137)],
      { verdict: { phase: 'Failed', reason: 'Evicted', message: 'm' } },
      'Failed',
    ],
    [
      'still Running while a container runs on to its end',
      two,
      [sandbox(), ended('a', 143), observed('b')],
      { verdict: { phase: 'Failed', reason: 'Evicted', message: 'm' } },
      'Running',
    ],
  ])('is %s', (_title, of, seen, differs, wanted) => {
    expect(statusOf(of, seen, differs).phase).toBe(wanted);
  });

  it('never leaves Succeeded, whatever is seen later', () => {
    const over = { ...never, status: { phase: 'Succeeded' as const } };
    expect(statusOf(over, [], {}).phase).toBe('Succeeded');
  });
});

describe('conditions', () => {
  it('say what is missing', () => {
    const status = statusOf(withInit, [sandbox(), observed('init')]);
    expect(condition(status, 'PodReadyToStartContainers')).toBe('True');
    expect(condition(status, 'Initialized')).toBe('False');
    expect(condition(status, 'Ready')).toBe('False');
    expect(status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app]',
    });
  });

  it('are all true when the containers are ready', () => {
    const status = statusOf(pod(), [sandbox(), observed('app')]);
    expect(status.conditions?.map((one) => one.status)).toEqual(['True', 'True', 'True', 'True', 'True']);
  });

  it('wait for readiness gates', () => {
    const gated = pod({ readinessGates: [{ conditionType: 'example.com/ok' }] });
    const seen = [sandbox(), observed('app')];
    expect(condition(statusOf(gated, seen), 'Ready')).toBe('False');
    const opened = { ...gated, status: { conditions: [{ type: 'example.com/ok', status: 'True' }] } };
    expect(condition(statusOf(opened, seen), 'Ready')).toBe('True');
    expect(condition(statusOf(opened, seen), 'example.com/ok')).toBe('True');
  });

  it('keep their transition time while their status stays', () => {
    const before = statusOf(pod(), [sandbox(), observed('app')], { nowMs: 1_000 });
    const after = statusOf({ ...pod(), status: before }, [sandbox(), observed('app')], { nowMs: 99_000 });
    expect(after.conditions).toEqual(before.conditions);
  });
});

describe('a container’s status', () => {
  it('tells how it ended, and the attempt before', () => {
    const seen = [sandbox(), observed('app', { attempt: 1 }), ended('app', 137, { oomKilled: true })];
    const [status] = statusOf(pod(), seen).containerStatuses ?? [];
    expect(status).toMatchObject({ restartCount: 1, ready: true, started: true, containerID: 'docker://app-1' });
    expect(status?.lastState?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137, signal: 9 });
  });

  it('waits with the reason, and shows the last exit, while it is held up', () => {
    const waiting = new Map([['app', { reason: 'CrashLoopBackOff', message: 'back-off' }]]);
    const [status] = statusOf(pod(), [sandbox(), ended('app', 1)], { waiting }).containerStatuses ?? [];
    expect(status?.state).toEqual({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } });
    expect(status?.lastState?.terminated).toMatchObject({ reason: 'Error', exitCode: 1 });
    expect(status?.ready).toBe(false);
  });

  it.each([
    [pod(), 'ContainerCreating'],
    [withInit, 'PodInitializing'],
  ])('says why it never ran (%#)', (of, reason) => {
    expect(statusOf(of, []).containerStatuses?.[0]?.state).toEqual({ waiting: { reason } });
  });

  it('carries its last words', () => {
    const [status] =
      statusOf(never, [ended('app', 1)], { isDone: true, messageOf: () => 'bye' }).containerStatuses ?? [];
    expect(status?.state?.terminated?.message).toBe('bye');
  });

  it('is ready only after its startup probe', () => {
    const [status] = statusOf(pod(), [sandbox(), observed('app')], { hasStarted: () => false }).containerStatuses ?? [];
    expect(status).toMatchObject({ ready: false, started: false });
  });
});
