// Ends containers and pods gently: preStop hook, stop signal, grace, kill. Everything may be cut short by the signal and
// begun again with a shorter grace; a hook runs once.
import type { Container, EphemeralContainer, Pod } from '../../../api/kinds/core/index.ts';
import type { ObservedContainer } from '../../runtime/container-runtime.ts';
import { fieldPathOf } from '../parts.ts';
import type { KubeletParts } from '../parts.ts';
import { containersOf, isSidecar, noteKeys, runningContainers, viewPod } from '../plan/pod-view.ts';
import { runHook } from './lifecycle-hooks.ts';
import type { PodRecord } from './pod-record.ts';

/** What a container keeps after a hook has used up its grace. */
const leastGraceSeconds = 2;
const usualGraceSeconds = 30;

/** The grace that the API (or else the spec) gives the pod. */
export function graceSecondsOf(pod: Readonly<Pod>): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? usualGraceSeconds;
}

/** Stops one container; resolves when it has ended. */
export async function stopContainer(
  parts: KubeletParts,
  record: PodRecord,
  observed: ObservedContainer,
  container: Container | EphemeralContainer | undefined,
  { graceSeconds, message, signal }: { graceSeconds: number; message: string; signal: AbortSignal },
): Promise<void> {
  const { pod } = record;
  const { runtime, clock, observations } = parts;
  parts.record(pod, 'Normal', 'Killing', message, fieldPathOf(pod, observed.containerName));
  let leftSeconds = graceSeconds;
  const preStop = container?.lifecycle?.preStop;
  if (preStop !== undefined && graceSeconds > 0 && !record.preStopped.has(observed.id)) {
    const startedMs = clock.now();
    const target = { pod, container: container as Container, containerId: observed.id, podIp: record.podIps[0] ?? '' };
    const failure = await runHook(preStop, target, parts, graceSeconds * 1000, signal);
    record.preStopped.add(observed.id);
    if (failure !== undefined && !signal.aborted) {
      parts.record(
        pod,
        'Warning',
        'FailedPreStopHook',
        `PreStopHook failed: ${failure}`,
        fieldPathOf(pod, observed.containerName),
      );
    }
    leftSeconds = Math.max(graceSeconds - Math.floor((clock.now() - startedMs) / 1000), leastGraceSeconds);
  }
  signal.throwIfAborted();
  await unlessAborted(runtime.stop(observed.id, leftSeconds), signal);
  await observations.refresh(observed.id);
}

/** Stops all containers of the pod: first its own, then the sidecars, last started first. */
export async function stopContainers(
  parts: KubeletParts,
  record: PodRecord,
  graceSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = parts.clock.now();
  const sidecarNames = (record.pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const running = runningContainers(viewPod(parts.observations.of(record.uid)));
  const stop = (observed: ObservedContainer): Promise<void> => {
    const found = containersOf(record.pod).find(({ container }) => container.name === observed.containerName);
    const leftSeconds = Math.max(graceSeconds - Math.floor((parts.clock.now() - startedMs) / 1000), 0);
    const message = `Stopping container ${observed.containerName}`;
    return stopContainer(parts, record, observed, found?.container, { graceSeconds: leftSeconds, message, signal });
  };
  await Promise.all(running.filter(({ containerName }) => !sidecarNames.includes(containerName)).map(stop));
  for (const name of [...sidecarNames].reverse()) {
    await Promise.all(running.filter(({ containerName }) => containerName === name).map(stop));
  }
}

/** Removes the pod's sandboxes and frees its network place. */
export async function removeSandboxes(parts: KubeletParts, podUid: string): Promise<void> {
  const { observations, runtime, network } = parts;
  const sandboxes = observations.of(podUid).filter(({ kind }) => kind === 'sandbox');
  await network.detach(podUid);
  await removeAll(
    parts,
    sandboxes.map(({ id }) => id),
    runtime,
  );
}

/** Removes everything of a pod that neither the API nor this agent knows; its own grace was noted with its containers. */
export async function removeOrphan(parts: KubeletParts, podUid: string): Promise<void> {
  const { observations, runtime, volumes, logger } = parts;
  const found = observations.of(podUid);
  logger.info({ podUid, pod: found[0]?.podName }, 'removing a pod that the API no longer has');
  const running = found.filter(({ kind, state }) => kind === 'container' && state === 'running');
  await Promise.all(
    running.map(({ id, annotations }) =>
      runtime.stop(id, Number(annotations[noteKeys.graceSeconds] ?? usualGraceSeconds)),
    ),
  );
  await removeContainers(parts, podUid);
  await removeSandboxes(parts, podUid);
  await parts.cgroups.remove(podUid);
  await volumes.remove(podUid);
}

export async function removeContainers(parts: KubeletParts, podUid: string): Promise<void> {
  const containers = parts.observations.of(podUid).filter(({ kind }) => kind === 'container');
  await removeAll(
    parts,
    containers.map(({ id }) => id),
    parts.runtime,
  );
}

async function removeAll(
  { observations }: KubeletParts,
  ids: readonly string[],
  runtime: KubeletParts['runtime'],
): Promise<void> {
  await Promise.all(
    ids.map(async (id) => {
      await runtime.remove(id);
      await observations.refresh(id);
    }),
  );
}

/** Waits, but no longer than until the signal aborts; what was begun goes on. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
