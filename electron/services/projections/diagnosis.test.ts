import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod } from '../../../api/kinds/core/index.ts';
import { diagnose, registryOf } from './diagnosis.ts';
import { podReason, podState } from './pod.ts';

const image = 'registry.local:5000/shop/web:2';

function podWith(status: object, spec: object = {}): Pod {
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'u' },
    spec: {
      nodeName: 'worker-1',
      containers: [{ name: 'app', image, resources: { limits: { memory: '64Mi' } } }],
      ...spec,
    },
    status: { phase: 'Pending', ...status },
  } as unknown as Pod;
}
const container = (part: object): Pod =>
  podWith({
    containerStatuses: [{ name: 'app', image, ready: false, restartCount: 3, ...part } as unknown as ContainerStatus],
  });
const waiting = (reason: string, message = ''): Pod => container({ state: { waiting: { reason, message } } });
const crashing = (terminated: object): Pod =>
  container({ state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, lastState: { terminated } });
const of = (pod: Pod): ReturnType<typeof diagnose> => diagnose(pod, podState(pod, podReason(pod)));

describe('why a pod does not run', () => {
  it.each([
    ['manifest for web:2 not found: manifest unknown', 'imageMissing'],
    ['pull access denied for web, repository does not exist', 'imageDenied'],
    ['Get "https://registry.local/v2/": dial tcp: lookup registry.local: no such host', 'registryUnreachable'],
    ['dial tcp 10.0.0.9:5000: connect: connection refused', 'registryUnreachable'],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'registryUntrusted'],
    ['something nobody has heard of', 'imagePull'],
  ])('reads "%s" as %s', (message, cause) => {
    expect(of(waiting('ImagePullBackOff', message))).toMatchObject({
      cause,
      evidence: message,
      facts: { image, registry: 'registry.local:5000', machine: 'worker-1', container: 'app' },
    });
  });

  it.each([
    [waiting('InvalidImageName'), 'imageName'],
    [waiting('ErrImageNeverPull'), 'imageNeverPulled'],
    [waiting('CreateContainerConfigError', 'secret "db" not found'), 'configMissing'],
    [waiting('RunContainerError', 'exec: "serve": executable file not found in $PATH'), 'commandMissing'],
    [waiting('CreateContainerError', 'invalid mount config'), 'containerRefused'],
    [
      crashing({ exitCode: 128, reason: 'StartError', message: 'exec: "a": executable file not found' }),
      'commandMissing',
    ],
    [crashing({ exitCode: 128, reason: 'StartError', message: 'no such device' }), 'containerRefused'],
    [crashing({ exitCode: 137, reason: 'OOMKilled' }), 'outOfMemory'],
    [crashing({ exitCode: 137, reason: 'Error' }), 'killed'],
    [crashing({ exitCode: 1, reason: 'Error', message: 'no database\n' }), 'exited'],
    [crashing({ exitCode: 0, reason: 'Completed' }), 'exited'],
    [container({ state: { terminated: { exitCode: 127, reason: 'Error' } } }), 'commandMissing'],
    [podWith({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }), 'evicted'],
    [podWith({ phase: 'Failed', reason: 'DeadlineExceeded' }), 'deadline'],
    [podWith({ phase: 'Unknown' }), 'machineLost'],
    [podWith({}), 'stuckStarting'],
    [
      podWith(
        { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }] },
        { nodeName: undefined },
      ),
      'unschedulable',
    ],
    [
      podWith(
        { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
        { nodeName: undefined },
      ),
      'gated',
    ],
    [
      podWith({ phase: 'Running', containerStatuses: [{ name: 'app', ready: false, state: { running: {} } }] }),
      'notReady',
    ],
  ])('finds the cause of case %#', (pod, cause) => {
    expect(of(pod)?.cause).toBe(cause);
  });

  it('names the limit, the exit code and the restarts, and gives the last words of the program', () => {
    expect(of(crashing({ exitCode: 3, reason: 'Error', message: 'no database\n' }))).toMatchObject({
      facts: { exitCode: 3, restarts: 3, limit: '64Mi' },
      evidence: 'no database',
    });
  });

  it('says nothing of pods that run, ended well, end, or have just been accepted', () => {
    const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
    expect(of(podWith({ phase: 'Running', ...ready }))).toBeUndefined();
    expect(of(podWith({ phase: 'Succeeded' }))).toBeUndefined();
    expect(of(podWith({}, { nodeName: undefined }))).toBeUndefined();
  });
});

it.each([
  ['nginx', 'docker.io'],
  ['library/nginx:1', 'docker.io'],
  ['localhost/web', 'localhost'],
  ['registry.local:5000/a/b@sha256:00', 'registry.local:5000'],
])('the registry of %s is %s', (name, registry) => expect(registryOf(name)).toBe(registry));
