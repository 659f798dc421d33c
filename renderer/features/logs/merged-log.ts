// The lines of several containers while they are shown.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { ConsoleError, LogSource, StreamPayload } from '../../../api/console/index.ts';
import { useBridge } from '../../bridge.ts';
import { addBatch, type MergedLine } from './log-lines.ts';

export interface MergedLogStore {
  readonly lines: Readonly<ShallowRef<readonly MergedLine[]>>;
  readonly sources: Readonly<ShallowRef<ReadonlyMap<number, LogSource>>>;
  readonly error: Readonly<ShallowRef<ConsoleError | undefined>>;
}

/** Follows what `payload` names; another payload starts over, none shows nothing. */
export function useMergedLog(payload: () => StreamPayload<'logs'> | undefined): MergedLogStore {
  const lines = shallowRef<readonly MergedLine[]>([]);
  const sources = shallowRef<ReadonlyMap<number, LogSource>>(new Map());
  const error = shallowRef<ConsoleError>();
  let nextId = 0;
  let stop: (() => void) | undefined;

  watch(
    () => JSON.stringify(payload()),
    () => {
      stop?.();
      stop = undefined;
      lines.value = [];
      sources.value = new Map();
      error.value = undefined;
      const now = payload();
      if (now === undefined) return;
      stop = useBridge().subscribe('logs', now, (event) => {
        if (event.type !== 'data') {
          error.value = event.error;
          return;
        }
        error.value = undefined;
        const { sources: fresh, lines: batch } = event.data;
        if (fresh.length > 0)
          sources.value = new Map([...sources.value, ...fresh.map((one) => [one.id, one] as const)]);
        if (batch.length > 0) lines.value = addBatch(lines.value, batch, nextId);
        nextId += batch.length;
      });
    },
    { immediate: true },
  );
  onScopeDispose(() => stop?.());
  return { lines, sources, error };
}
