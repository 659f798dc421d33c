// A run while its page is open: its summary, its steps and its log, put together from the stream.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { ConsoleError, RunLogLine, RunStepView, RunSummary } from '../../../api/console/index.ts';
import { useBridge } from '../../bridge.ts';
import { readableLine } from '../../ui/log-text.ts';

export interface RunLine extends RunLogLine {
  readonly id: number;
}

export interface RunStore {
  readonly run: Readonly<ShallowRef<RunSummary | undefined>>;
  readonly steps: Readonly<ShallowRef<readonly RunStepView[]>>;
  readonly log: Readonly<ShallowRef<readonly RunLine[]>>;
  readonly error: Readonly<ShallowRef<ConsoleError | undefined>>;
}

const mostLines = 5000;

/** Follows a run; another id starts over. */
export function useRun(runId: () => string): RunStore {
  const run = shallowRef<RunSummary>();
  const steps = shallowRef<readonly RunStepView[]>([]);
  const log = shallowRef<readonly RunLine[]>([]);
  const error = shallowRef<ConsoleError>();
  let nextId = 0;
  let stop: (() => void) | undefined;

  watch(
    runId,
    (id) => {
      stop?.();
      stop = useBridge().subscribe('provisioning.run', { runId: id }, (event) => {
        if (event.type !== 'data') {
          error.value = event.error;
          return;
        }
        const { kind, run: summary, steps: changed, log: fresh } = event.data;
        const known = new Map((kind === 'snapshot' ? [] : steps.value).map((step) => [step.id, step]));
        for (const step of changed) known.set(step.id, step);
        const lines = fresh.map((line) => ({
          ...line,
          id: nextId++,
          text: `${line.machine ?? ''}${line.machine ? '  ' : ''}${readableLine(line.text)}`,
        }));
        error.value = undefined;
        run.value = summary;
        steps.value = [...known.values()];
        log.value = [...(kind === 'snapshot' ? [] : log.value), ...lines].slice(-mostLines);
      });
    },
    { immediate: true },
  );
  onScopeDispose(() => stop?.());
  return { run, steps, log, error };
}
