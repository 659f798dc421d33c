// Carries out a change of a running pod's resources: new limits for the running containers, a restart where their policy
// asks for one, and an event either way.
import { fieldPathOf } from '../parts.ts';
import type { KubeletParts } from '../parts.ts';
import { planResize } from '../plan/plan-resize.ts';
import { viewPod } from '../plan/pod-view.ts';
import type { PodRecord } from './pod-record.ts';
import { graceSecondsOf, stopContainer } from './stop-pod.ts';

/** Answers whether something was changed. */
export async function resizePod(parts: KubeletParts, record: PodRecord, signal: AbortSignal): Promise<boolean> {
  const { node, observations, runtime } = parts;
  const view = viewPod(observations.of(record.uid));
  const actions = planResize(record.pod, view, {
    machineMemoryBytes: node.memoryBytes,
    podPidsLimit: node.podPidsLimit,
  });
  let didChange = false;
  for (const { observed, container, resources, needsRestart } of actions) {
    // What the runtime does not take over exactly (a limit that was removed) is asked for once, not for ever.
    const asked = JSON.stringify(resources);
    if (record.resized.get(observed.id) === asked) continue;
    record.resized.set(observed.id, asked);
    didChange = true;
    if (needsRestart) {
      const message = `Container ${container.name} resize requires restart`;
      await stopContainer(parts, record, observed, container, {
        graceSeconds: graceSecondsOf(record.pod),
        message,
        signal,
      });
      continue;
    }
    await runtime.update(observed.id, resources);
    await observations.refresh(observed.id);
    parts.record(
      record.pod,
      'Normal',
      'ResizeCompleted',
      `Container ${container.name} resized in place`,
      fieldPathOf(record.pod, container.name),
    );
  }
  return didChange;
}
