// What the runtime runs, by pod, kept up to date by its events and a slow listing. Listeners hear which pod may have
// changed; several events of one container cost one question.
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { ContainerRuntime, ObservedContainer, RuntimeChange } from '../../runtime/container-runtime.ts';

export interface Observations {
  of(podUid: string): readonly ObservedContainer[];
  podUids(): string[];
  all(): ObservedContainer[];
  /** Asks the runtime about one container now. */
  refresh(containerId: string): Promise<ObservedContainer | undefined>;
  /** Lists everything; the first one must succeed before anything is decided. */
  relist(): Promise<void>;
  /** Follows events and lists from time to time until the signal ends it. */
  run(onChange: (podUid: string) => void, signal: AbortSignal): Promise<void>;
}

const relistMs = 60_000;

export interface ObservationsOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createObservations({ runtime, clock, logger }: ObservationsOptions): Observations {
  const byPod = new Map<string, Map<string, ObservedContainer>>();
  const asking = new Map<string, Promise<ObservedContainer | undefined>>();

  const put = (one: ObservedContainer): void => {
    const known = byPod.get(one.podUid) ?? new Map<string, ObservedContainer>();
    known.set(one.id, one);
    byPod.set(one.podUid, known);
  };
  const drop = (id: string): void => {
    for (const [podUid, known] of byPod) {
      if (known.delete(id) && known.size === 0) byPod.delete(podUid);
    }
  };

  const observations: Observations = {
    of: (podUid) => [...(byPod.get(podUid)?.values() ?? [])],
    podUids: () => [...byPod.keys()],
    all: () => [...byPod.values()].flatMap((known) => [...known.values()]),
    async refresh(id) {
      const observed = await runtime.observe(id);
      if (observed === undefined) drop(id);
      else put(observed);
      return observed;
    },
    async relist() {
      const found = await runtime.list();
      const present = new Set(found.map(({ id }) => id));
      for (const { id } of observations.all()) if (!present.has(id)) drop(id);
      for (const one of found) put(one);
    },
    async run(onChange, signal) {
      const relistAndTell = async (): Promise<void> => {
        const before = new Set(byPod.keys());
        await observations.relist();
        for (const podUid of new Set([...before, ...byPod.keys()])) onChange(podUid);
      };
      const onEvent = async ({ podUid, containerId }: RuntimeChange): Promise<void> => {
        if (podUid === undefined || containerId === undefined) return relistAndTell();
        // Events that come while a question is out need another answer; those after that one share it.
        const earlier = asking.get(containerId);
        const next = (earlier ?? Promise.resolve()).then(() => observations.refresh(containerId));
        asking.set(containerId, next);
        try {
          await next;
        } finally {
          if (asking.get(containerId) === next) asking.delete(containerId);
        }
        onChange(podUid);
      };
      const stop = runtime.onDidChange((change) => {
        onEvent(change).catch((error: unknown) =>
          logger.debug({ err: error }, 'a runtime event could not be followed up'),
        );
      });
      try {
        while (!signal.aborted) {
          await clock.sleep(relistMs, signal);
          if (signal.aborted) return;
          await relistAndTell().catch((error: unknown) =>
            logger.warn({ err: error }, 'the runtime could not be listed'),
          );
        }
      } finally {
        stop();
      }
    },
  };
  return observations;
}
