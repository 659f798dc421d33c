// The lines of a container's log while it is shown; the newest `mostLines` are kept.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { ConsoleError, StreamPayload } from '../../../api/console/index.ts';
import { useBridge } from '../../bridge.ts';
import { readableLine } from '../../ui/log-text.ts';

export interface LogLine {
  readonly id: number;
  readonly at?: number;
  readonly text: string;
}

export interface PodLogStore {
  readonly lines: Readonly<ShallowRef<readonly LogLine[]>>;
  readonly error: Readonly<ShallowRef<ConsoleError | undefined>>;
  readonly ended: Readonly<ShallowRef<boolean>>;
}

const mostLines = 20_000;

/** Follows the log that `payload` names; another payload starts over. */
export function usePodLog(payload: () => StreamPayload<'pod.log'>): PodLogStore {
  const lines = shallowRef<readonly LogLine[]>([]);
  const error = shallowRef<ConsoleError>();
  const ended = shallowRef(false);
  let nextId = 0;
  let stop: (() => void) | undefined;

  watch(
    () => JSON.stringify(payload()),
    () => {
      stop?.();
      lines.value = [];
      error.value = undefined;
      ended.value = false;
      stop = useBridge().subscribe('pod.log', payload(), (event) => {
        if (event.type === 'data') {
          error.value = undefined;
          const fresh = event.data.lines.map(({ at, text }) => ({ id: nextId++, at, text: readableLine(text) }));
          if (fresh.length > 0) lines.value = [...lines.value, ...fresh].slice(-mostLines);
          return;
        }
        error.value = event.error;
        ended.value = event.type === 'ended';
      });
    },
    { immediate: true },
  );
  onScopeDispose(() => stop?.());
  return { lines, error, ended };
}
