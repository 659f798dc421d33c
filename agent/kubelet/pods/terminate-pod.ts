// Ends a pod that was deleted: containers by grace, sandbox, network, a last true status, volumes; and then the API object
// itself, by uid. Idempotent: a new agent goes on where the last one stopped.
import type { KubeletParts } from '../parts.ts';
import { viewPod } from '../plan/pod-view.ts';
import type { PodRecord } from './pod-record.ts';
import { graceSecondsOf, removeContainers, removeSandboxes, stopContainers } from './stop-pod.ts';
import { publish } from './sync-pod.ts';

export async function terminatePod(parts: KubeletParts, record: PodRecord, signal: AbortSignal): Promise<void> {
  const { prober, observations, status, volumes, backoff, tokens } = parts;
  if (!record.isTerminated) {
    prober.stop(record.uid, ['liveness', 'startup']);
    // The API shows at once that its word was heard, long before the last container has ended.
    const running = viewPod(observations.of(record.uid));
    if (!record.isGone && running.attempts.size > 0 && record.verdict === undefined) {
      await publish(parts, record, running, { isDone: false, stop: [], start: [], remove: [], backoff: new Map() });
    }
    await stopContainers(parts, record, graceSecondsOf(record.pod), signal);
    prober.stop(record.uid);
    const view = viewPod(observations.of(record.uid));
    if (!record.isGone && view.attempts.size > 0) {
      await publish(parts, record, view, { isDone: true, stop: [], start: [], remove: [], backoff: new Map() });
    }
    await removeSandboxes(parts, record.uid);
    await status.flushed(record.uid);
    await removeContainers(parts, record.uid);
    await volumes.remove(record.uid);
    await parts.cgroups.remove(record.uid);
    backoff.forget(`${record.uid}/`);
    tokens.forget(record.uid);
    record.isTerminated = true;
  }
  if (!record.isGone) await status.remove(record.pod);
  status.forget(record.uid);
}
