import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import { container, ended, healthy, observed, pod, sandbox } from '../../testing/pods.ts';
import { planPod } from './plan-pod.ts';
import type { PodHealth } from './plan-pod.ts';
import { viewPod } from './pod-view.ts';

/** A plan in few words, such as `sandbox0 start app#1 stop app remove app-0 wait app`. */
function words(of: Pod, seen: readonly ObservedContainer[], health: Partial<PodHealth> = {}): string {
  const plan = planPod(of, viewPod(seen), { ...healthy, ...health });
  return [
    ...(plan.isDone ? ['done'] : []),
    ...(plan.sandboxAttempt === undefined ? [] : [`sandbox${plan.sandboxAttempt}`]),
    ...plan.stop.map((action) => `stop ${action.observed.id}`),
    ...plan.start.map((action) => `start ${action.container.name}#${action.attempt}`),
    ...plan.remove.map(({ id }) => `remove ${id}`),
    ...[...plan.backoff.keys()].map((name) => `wait ${name}`),
  ].join(' ');
}

const plain = pod();
const never = pod({ restartPolicy: 'Never' });
const onFailure = pod({ restartPolicy: 'OnFailure' });
const two = pod({ containers: [container('a'), container('b')] });
const withInit = pod({ initContainers: [container('i1'), container('i2')] });
const withSidecar = pod({ initContainers: [container('side', { restartPolicy: 'Always' }), container('init')] });
const onThree = pod({
  restartPolicy: 'Never',
  containers: [
    container('app', {
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }],
    }),
  ],
});

describe('a pod of which nothing runs', () => {
  it.each<[string, Pod, string]>([
    ['gets a sandbox and its containers', two, 'sandbox0 start a#0 start b#0'],
    ['begins with its first init container', withInit, 'sandbox0 start i1#0'],
    ['begins with a sidecar that comes first', withSidecar, 'sandbox0 start side#0'],
  ])('%s', (_title, of, wanted) => {
    expect(words(of, [])).toBe(wanted);
  });
});

describe('a pod whose sandbox runs', () => {
  it.each<[string, Pod, ObservedContainer[], string]>([
    ['is left alone when all runs', plain, [sandbox(), observed('app')], ''],
    ['starts what is missing', two, [sandbox(), observed('a')], 'start b#0'],
    ['restarts what ended, by default', plain, [sandbox(), ended('app', 0)], 'start app#1'],
    ['restarts a failure on OnFailure', onFailure, [sandbox(), ended('app', 1)], 'start app#1'],
    ['is done after success on OnFailure', onFailure, [sandbox(), ended('app', 0)], 'done'],
    ['is done after any exit on Never', never, [sandbox(), ended('app', 1)], 'done'],
    [
      'runs on while one of its containers does',
      pod({ restartPolicy: 'Never', containers: two.spec.containers }),
      [sandbox(), ended('a', 0), observed('b')],
      '',
    ],
    ['follows a container’s own rule', onThree, [sandbox(), ended('app', 3)], 'start app#1'],
    ['and not the rule for other exit codes', onThree, [sandbox(), ended('app', 4)], 'done'],
    [
      'starts again what was created and never started',
      plain,
      [sandbox(), observed('app', { state: 'created' })],
      'start app#0 remove app-0',
    ],
    [
      'stops a container whose image changed',
      pod({ containers: [container('app', { image: 'app:2' })] }),
      [sandbox(), observed('app')],
      'stop app-0',
    ],
    [
      'restarts a container whose image changed, whatever its policy',
      pod({ restartPolicy: 'Never', containers: [container('app', { image: 'app:2' })] }),
      [sandbox(), ended('app', 137)],
      'start app#1',
    ],
    [
      'keeps the last two attempts and removes older ones',
      plain,
      [sandbox(), observed('app', { attempt: 3 }), ended('app', 1, { attempt: 2 }), ended('app', 1, { attempt: 1 })],
      'remove app-1',
    ],
    [
      'starts a new ephemeral container once',
      pod({ ephemeralContainers: [{ name: 'debug', image: 'app:1' }] }),
      [sandbox(), observed('app')],
      'start debug#0',
    ],
    [
      'does not restart an ephemeral container',
      pod({ ephemeralContainers: [{ name: 'debug', image: 'app:1' }] }),
      [sandbox(), observed('app'), ended('debug', 1)],
      '',
    ],
  ])('%s', (_title, of, seen, wanted) => {
    expect(words(of, seen)).toBe(wanted);
  });

  it('waits out a back-off', () => {
    expect(words(plain, [sandbox(), ended('app', 1)], { waitUntilMs: () => 10_000 })).toBe('wait app');
  });

  it('stops a container that its probe gave up', () => {
    const failure = (id: string): string | undefined => (id === 'app-0' ? 'liveness probe' : undefined);
    expect(words(plain, [sandbox(), observed('app')], { failure })).toBe('stop app-0');
  });
});

describe('init containers', () => {
  it.each<[string, Pod, ObservedContainer[], string]>([
    ['go one after the other', withInit, [sandbox(), ended('i1', 0)], 'start i2#0'],
    ['hold back the rest while one runs', withInit, [sandbox(), observed('i1')], ''],
    [
      'let the containers start when all have succeeded',
      withInit,
      [sandbox(), ended('i1', 0), ended('i2', 0)],
      'start app#0',
    ],
    ['are tried again when they fail', withInit, [sandbox(), ended('i1', 1)], 'start i1#1'],
    [
      'end the pod when they fail and it never restarts',
      pod({ restartPolicy: 'Never', initContainers: [container('i1')] }),
      [sandbox(), ended('i1', 1)],
      'done',
    ],
    ['are not run again in a pod that has begun', withInit, [sandbox(), observed('app')], ''],
    ['wait for a sidecar before them to be up', withSidecar, [sandbox(), observed('side')], 'start init#0'],
    [
      'leave a sidecar running beside the pod',
      withSidecar,
      [sandbox(), observed('side'), ended('init', 0)],
      'start app#0',
    ],
  ])('%s', (_title, of, seen, wanted) => {
    expect(words(of, seen)).toBe(wanted);
  });

  it('wait for the startup probe of a sidecar', () => {
    expect(words(withSidecar, [sandbox(), observed('side')], { hasStarted: () => false })).toBe('');
  });

  it('that are sidecars restart while the pod runs, and end with it', () => {
    expect(words(withSidecar, [sandbox(), ended('side', 0), ended('init', 0), observed('app')])).toBe('start side#1');
    const once = { ...withSidecar, spec: { ...withSidecar.spec, restartPolicy: 'Never' as const } };
    expect(words(once, [sandbox(), observed('side'), ended('init', 0), ended('app', 0)])).toBe('done');
  });
});

describe('a pod whose sandbox has ended', () => {
  const dead = sandbox({ state: 'exited' });
  it.each<[string, Pod, ObservedContainer[], string]>([
    [
      'gets a new one and its containers again',
      plain,
      [dead, ended('app', 137)],
      'sandbox1 start app#1 remove sandbox-0',
    ],
    [
      'stops what still runs in the old one',
      plain,
      [dead, observed('app')],
      'sandbox1 stop app-0 start app#1 remove sandbox-0',
    ],
    [
      'begins again with its init containers',
      withInit,
      [dead, ended('i1', 0), ended('i2', 0), ended('app', 1)],
      'sandbox1 start i1#1 remove sandbox-0',
    ],
    ['stays ended when it never restarts', never, [dead, ended('app', 137)], 'done'],
    ['stays ended when it succeeded', onFailure, [dead, ended('app', 0)], 'done'],
    ['is tried again when nothing ran in it', never, [dead], 'sandbox1 start app#0 remove sandbox-0'],
  ])('%s', (_title, of, seen, wanted) => {
    expect(words(of, seen)).toBe(wanted);
  });
});
