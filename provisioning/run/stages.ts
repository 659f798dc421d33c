// Stages of a command without a plan (lab, bundle): reported as they run, timed, and kept for the answer.
import { systemClock } from '../../machinery/clock.ts';
import type { ProgressEvent, Text } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';

/** Runs and times stages. */
export interface Stages {
  run<T>(id: string, title: Text, work: (log: (text: string) => void) => Promise<T>): Promise<T>;
  readonly done: readonly { readonly id: string; readonly elapsedMs: number }[];
}

/** Stages that report to `onProgress` as `<prefix>/<id>`. */
export function createStages(onProgress: ((event: ProgressEvent) => void) | undefined, prefix = 'lab'): Stages {
  const done: { id: string; elapsedMs: number }[] = [];
  return {
    done,
    async run(id, title, work) {
      const began = systemClock.now();
      const emit = (event: Pick<ProgressEvent, 'state' | 'log' | 'message'>): void =>
        onProgress?.({ step: `${prefix}/${id}`, title, elapsedMs: systemClock.now() - began, ...event });
      emit({ state: 'running' });
      try {
        const value = await work((log) => emit({ state: 'running', log }));
        done.push({ id, elapsedMs: systemClock.now() - began });
        emit({ state: 'done' });
        return value;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        emit({
          state: 'failed',
          message: error instanceof ProvisioningError ? error.text : text('error.other', { reason }),
        });
        throw error;
      }
    },
  };
}
