// Probes every running container that asks for it, each on its own clock, and keeps the verdicts by container id. The
// startup probe comes first: until it has passed, the others wait. Verdicts of an ended container are forgotten.
import type { Container, Pod, Probe } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { ContainerRuntime } from '../../runtime/container-runtime.ts';
import { current } from '../plan/pod-view.ts';
import type { PodView } from '../plan/pod-view.ts';
import { initialProbeState, nextProbeState } from './probe-state.ts';
import type { ProbeKind, ProbeState } from './probe-state.ts';
import { runProbe } from './run-probe.ts';
import type { ProbeTarget } from './run-probe.ts';

export interface Prober {
  /** Probes exactly the pod's containers that run now. `wasReady`: verdicts that an earlier agent left in the API. */
  sync(pod: Readonly<Pod>, view: PodView, podIp: string, wasReady: (containerId: string) => boolean): void;
  /** Ends the pod's probes; during termination only readiness goes on. */
  stop(podUid: string, kinds?: readonly ProbeKind[]): void;
  hasStarted(containerId: string): boolean;
  isReady(containerId: string): boolean;
  /** Which probe gave the container up. */
  failure(containerId: string): string | undefined;
  /** The grace that the failed probe asks for, before the pod's own. */
  graceSeconds(containerId: string): number | undefined;
  close(): void;
}

export interface ProberOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  /** A verdict changed. */
  readonly onChange: (podUid: string) => void;
  readonly onUnhealthy: (pod: Readonly<Pod>, container: Container, message: string) => void;
  readonly random?: () => number;
}

interface Worker {
  readonly podUid: string;
  readonly kind: ProbeKind;
  readonly probe: Probe;
  target: ProbeTarget;
  state: ProbeState;
  stop: AbortController;
}

const kinds: readonly { kind: ProbeKind; of: (container: Container) => Probe | undefined }[] = [
  { kind: 'startup', of: ({ startupProbe }) => startupProbe },
  { kind: 'liveness', of: ({ livenessProbe }) => livenessProbe },
  { kind: 'readiness', of: ({ readinessProbe }) => readinessProbe },
];

export function createProber({ runtime, clock, onChange, onUnhealthy, random = Math.random }: ProberOptions): Prober {
  const workers = new Map<string, Worker>();
  const keyOf = (containerId: string, kind: ProbeKind): string => `${containerId}/${kind}`;
  const verdict = (containerId: string, kind: ProbeKind): ProbeState['verdict'] | undefined =>
    workers.get(keyOf(containerId, kind))?.state.verdict;

  const remove = (key: string, worker: Worker): void => {
    worker.stop.abort();
    workers.delete(key);
  };

  const probeOnce = async (worker: Worker): Promise<void> => {
    const { target, probe, kind } = worker;
    if (kind !== 'startup' && !prober.hasStarted(target.containerId)) return;
    if (kind === 'startup' && worker.state.verdict === 'success') return;
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    const outcome = await runProbe(probe, target, { runtime, clock, timeoutMs });
    if (worker.stop.signal.aborted) return;
    const before = worker.state.verdict;
    worker.state = nextProbeState(worker.state, outcome.isSuccess ? 'success' : 'failure', probe);
    if (!outcome.isSuccess) {
      const title = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
      onUnhealthy(target.pod, target.container, `${title} probe failed: ${outcome.message}`);
    }
    if (worker.state.verdict !== before) onChange(worker.podUid);
  };

  const run = async (worker: Worker, startedAtMs: number): Promise<void> => {
    const periodMs = (worker.probe.periodSeconds ?? 10) * 1000;
    const { signal } = worker.stop;
    const ageMs = clock.now() - startedAtMs;
    const initialMs = (worker.probe.initialDelaySeconds ?? 0) * 1000 - ageMs;
    // After an agent restart, containers are old: spread their probes over one period.
    await clock.sleep(initialMs > 0 || ageMs < periodMs ? Math.max(initialMs, 0) : random() * periodMs, signal);
    while (!signal.aborted) {
      await probeOnce(worker);
      await clock.sleep(periodMs, signal);
    }
  };

  const prober: Prober = {
    sync(pod, view, podIp, wasReady) {
      const podUid = pod.metadata.uid;
      const wanted = new Set<string>();
      for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
        const observed = current(view, container.name);
        if (observed?.state !== 'running') continue;
        for (const { kind, of } of kinds) {
          const probe = of(container);
          if (probe === undefined) continue;
          const key = keyOf(observed.id, kind);
          wanted.add(key);
          const target = { pod, container, containerId: observed.id, podIp };
          const known = workers.get(key);
          if (known !== undefined) {
            known.target = target;
            continue;
          }
          const adopted = kind !== 'liveness' && wasReady(observed.id);
          const initial = initialProbeState(kind);
          const state: ProbeState = adopted ? { ...initial, verdict: 'success' } : initial;
          const worker: Worker = { podUid, kind, probe, target, state, stop: new AbortController() };
          workers.set(key, worker);
          void run(worker, observed.startedAtMs ?? clock.now());
        }
      }
      for (const [key, worker] of workers) if (worker.podUid === podUid && !wanted.has(key)) remove(key, worker);
    },
    stop(podUid, only) {
      for (const [key, worker] of workers) {
        if (worker.podUid === podUid && (only === undefined || only.includes(worker.kind))) remove(key, worker);
      }
    },
    hasStarted: (containerId) => (verdict(containerId, 'startup') ?? 'success') === 'success',
    isReady: (containerId) => (verdict(containerId, 'readiness') ?? 'success') === 'success',
    failure(containerId) {
      if (verdict(containerId, 'startup') === 'failure') return 'startup probe';
      return verdict(containerId, 'liveness') === 'failure' ? 'liveness probe' : undefined;
    },
    graceSeconds(containerId) {
      const failed = prober.failure(containerId);
      if (failed === undefined) return undefined;
      const kind = failed === 'startup probe' ? 'startup' : 'liveness';
      return workers.get(keyOf(containerId, kind))?.probe.terminationGracePeriodSeconds;
    },
    close() {
      for (const [key, worker] of workers) remove(key, worker);
    },
  };
  return prober;
}
