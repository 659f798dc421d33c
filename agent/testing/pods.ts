// Pods and observed containers for tests, with only what a test says differing from an ordinary one. Tests only.
import type { Container, Pod } from '../../api/kinds/core/index.ts';
import type { ObservedContainer } from '../runtime/container-runtime.ts';
import type { PodHealth } from '../kubelet/plan/plan-pod.ts';

export const podUid = '00000000-0000-4000-8000-000000000001';
export const sandboxId = 'sandbox-0';

export function container(name: string, differs: Partial<Container> = {}): Container {
  return { name, image: 'app:1', ...differs };
}

export function pod(spec: Partial<Pod['spec']> = {}, differs: Partial<Pod> = {}): Pod {
  const metadata: Pod['metadata'] = {
    name: 'web',
    namespace: 'default',
    uid: podUid,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container('app')], ...spec }, ...differs };
}

export function observed(containerName: string, differs: Partial<ObservedContainer> = {}): ObservedContainer {
  const attempt = differs.attempt ?? 0;
  return {
    id: `${containerName}-${attempt}`,
    kind: 'container',
    podUid,
    podName: 'web',
    podNamespace: 'default',
    containerName,
    attempt,
    state: 'running',
    pid: 100,
    createdAtMs: 1000 + attempt,
    startedAtMs: 2000 + attempt,
    oomKilled: false,
    image: 'sha256:1',
    imageId: 'sha256:1',
    annotations: { sandbox: sandboxId, image: 'app:1' },
    resources: {},
    hostNetwork: false,
    ...differs,
  };
}

export function sandbox(differs: Partial<ObservedContainer> = {}): ObservedContainer {
  return observed('', { id: sandboxId, kind: 'sandbox', annotations: {}, ...differs });
}

export function ended(
  containerName: string,
  exitCode: number,
  differs: Partial<ObservedContainer> = {},
): ObservedContainer {
  return observed(containerName, { state: 'exited', pid: 0, exitCode, finishedAtMs: 3000, ...differs });
}

/** All probes pass, nothing is in back-off. */
export const healthy: PodHealth = {
  failure: () => undefined,
  hasStarted: () => true,
  waitUntilMs: () => undefined,
};
