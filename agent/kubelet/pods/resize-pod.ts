// Carries a change of a pod's resources from the spec to the kernel: first the node must have it to give, then running
// containers get new limits or, where their policy asks for it, a restart. Conditions and events tell every step.
import type { Pod } from '../../../api/kinds/core/index.ts';
import { allocatedPod } from '../admission/admit-pod.ts';
import { readCgroup } from '../stats/cgroup.ts';
import type { KubeletParts } from '../parts.ts';
import type { ResourceFacts } from '../containers/resources.ts';
import { allRun, planResize } from '../plan/plan-resize.ts';
import type { ResizeAction, ResizeState } from '../plan/plan-resize.ts';
import { isSidecar, viewPod } from '../plan/pod-view.ts';
import type { PodView } from '../plan/pod-view.ts';
import type { PodRecord } from './pod-record.ts';
import { graceSecondsOf, stopContainer } from './stop-pod.ts';

/** When to ask again for what the node did not have, or what failed. */
export const resizeRetryMs = 5_000;

export function resourceFacts({ node }: KubeletParts): ResourceFacts {
  return { machineMemoryBytes: node.memoryBytes, podPidsLimit: node.podPidsLimit };
}

/** Gives the pod what its spec asks for, if it can be had, and notes when an earlier resize is complete. */
export async function takeUpResize(parts: KubeletParts, record: PodRecord): Promise<void> {
  const generation = record.pod.metadata.generation ?? 0;
  const had = allocatedPod(record);
  const outcome = await parts.admission.resize(record);
  const before = record.resize;
  if (outcome === 'given') {
    await parts.cgroups.loosen(had, allocatedPod(record));
    record.resize = { generation, inProgress: true };
    tell(parts, record, 'Normal', 'ResizeStarted', 'Pod resize started', allocatedPod(record));
  } else if (outcome === 'same') {
    if (before?.pending !== undefined)
      record.resize = before.inProgress ? { ...before, pending: undefined } : undefined;
  } else {
    record.resize = { generation, inProgress: before?.inProgress ?? false, pending: outcome };
    const isNews = before?.pending?.message !== outcome.message || before.generation !== generation;
    const told = `Pod resize ${outcome.reason}`;
    if (isNews) tell(parts, record, 'Warning', `Resize${outcome.reason}`, told, record.pod, outcome.message);
  }
  if (record.resize?.inProgress === true) await settle(parts, record, viewPod(parts.observations.of(record.uid)));
}

async function settle(parts: KubeletParts, record: PodRecord, view: PodView): Promise<void> {
  const pod = allocatedPod(record);
  const left = planResize(pod, view, resourceFacts(parts)).filter((action) => !wasAsked(record, action));
  if (left.length > 0 || record.resize?.error !== undefined || !allRun(pod, view)) return;
  await parts.cgroups.ensure(pod);
  const { pending, generation } = record.resize ?? { generation: 0 };
  record.resize = pending === undefined ? undefined : { pending, generation, inProgress: false };
  tell(parts, record, 'Normal', 'ResizeCompleted', 'Pod resize completed', pod);
}

/** Answers whether something was changed. */
export async function resizePod(parts: KubeletParts, record: PodRecord, signal: AbortSignal): Promise<boolean> {
  const view = viewPod(parts.observations.of(record.uid));
  const actions = planResize(allocatedPod(record), view, resourceFacts(parts));
  let didChange = false;
  for (const action of actions.filter((one) => !wasAsked(record, one))) {
    const { observed, container, resources, needsRestart } = action;
    record.resized.set(observed.id, JSON.stringify(resources));
    if (needsRestart) {
      const graceSeconds = graceSecondsOf(record.pod);
      const message = `Container ${container.name} resize requires restart`;
      await stopContainer(parts, record, observed, container, { graceSeconds, message, signal });
      didChange = true;
      continue;
    }
    try {
      refuseTooLittle(action);
      await parts.runtime.update(observed.id, resources);
      await parts.observations.refresh(observed.id);
      if (record.resize?.error !== undefined) record.resize = { ...record.resize, error: undefined };
      didChange = true;
    } catch (error) {
      signal.throwIfAborted();
      record.resized.delete(observed.id);
      failed(parts, record, error instanceof Error ? error.message : String(error));
    }
  }
  return didChange;
}

/** What the runtime does not take over exactly (a limit that was removed) is asked for once, not for ever. */
function wasAsked(record: PodRecord, { observed, resources }: ResizeAction): boolean {
  return record.resized.get(observed.id) === JSON.stringify(resources);
}

/** A limit below what is used would have the kernel kill the container. */
function refuseTooLittle({ observed, container, resources, lowersMemory }: ResizeAction): void {
  if (!lowersMemory || resources.memoryBytes === undefined) return;
  const used = readCgroup(observed.pid)?.memoryWorkingSetBytes ?? 0;
  if (used < resources.memoryBytes) return;
  throw new Error(
    `attempting to set the memory limit of container ${container.name} (${resources.memoryBytes}) below current usage (${used})`,
  );
}

function failed(parts: KubeletParts, record: PodRecord, message: string): void {
  const before: ResizeState = record.resize ?? { generation: record.pod.metadata.generation ?? 0, inProgress: true };
  record.resize = { ...before, inProgress: true, error: message };
  if (before.error !== message)
    tell(parts, record, 'Warning', 'ResizeError', 'Pod resize error', allocatedPod(record), message);
}

function tell(
  parts: KubeletParts,
  record: PodRecord,
  type: 'Normal' | 'Warning',
  reason: string,
  words: string,
  { spec }: Readonly<Pod>,
  error?: string,
): void {
  const named = ({ name, resources = {} }: Pod['spec']['containers'][number]): object => ({ name, resources });
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  const summary = {
    ...(sidecars.length > 0 && { initContainers: sidecars.map(named) }),
    containers: spec.containers.map(named),
    generation: record.pod.metadata.generation ?? 0,
    ...(error !== undefined && { error }),
  };
  parts.record(record.pod, type, reason, `${words}: ${JSON.stringify(summary)}`);
}
