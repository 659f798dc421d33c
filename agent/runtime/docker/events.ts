// The Engine's events as changes of pods. Never silent for long: when the stream breaks it is opened again, and then
// everything counts as changed, because events may have been missed.
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { RuntimeChange } from '../container-runtime.ts';
import { ask } from './engine.ts';
import type { Engine } from './engine.ts';
import { kindLabel, podUidOf } from './observe.ts';

const firstRetryMs = 100;
const longestRetryMs = 2000;
const actions = ['start', 'die', 'oom', 'destroy'];

interface EngineEvent {
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

/** Follows events until the signal ends it; `onChange` must not throw. */
export async function followEvents(
  engine: Engine,
  onChange: (change: RuntimeChange) => void,
  { clock, logger, signal }: { clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<void> {
  let retryMs = firstRetryMs;
  let connectedBefore = false;
  while (!signal.aborted) {
    try {
      const filters = { type: ['container'], label: [kindLabel], event: actions };
      const stream = (await ask((abortSignal) =>
        engine.getEvents({ filters: JSON.stringify(filters), abortSignal }),
      )) as Readable;
      const stop = (): void => void stream.destroy();
      signal.addEventListener('abort', stop, { once: true });
      if (connectedBefore) onChange({});
      connectedBefore = true;
      retryMs = firstRetryMs;
      try {
        for await (const line of createInterface({ input: stream, signal })) onChange(changeOf(line));
      } finally {
        signal.removeEventListener('abort', stop);
        stream.destroy();
      }
    } catch (error) {
      if (signal.aborted) return;
      logger.debug({ err: error }, 'the event stream of the Docker Engine broke');
    }
    if (signal.aborted) return;
    await clock.sleep(retryMs, signal).catch(() => undefined);
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  }
}

function changeOf(line: string): RuntimeChange {
  if (line === '') return {};
  const event = JSON.parse(line) as EngineEvent;
  const podUid = podUidOf(event.Actor?.Attributes ?? {});
  const containerId = event.Actor?.ID;
  return { ...(podUid !== undefined && { podUid }), ...(containerId !== undefined && { containerId }) };
}
