// Lets few starts through at a time: starting is bound by the processor, so four at once are as fast as twenty and each
// pod is ready sooner. What finishes a pod that has begun goes before what begins another.

export interface StartGate {
  /** Runs when its turn comes; `first` goes before all that are not. */
  run<T>(order: 'first' | 'last', task: () => Promise<T>): Promise<T>;
}

export function createStartGate(atOnce: number): StartGate {
  const waiting: { first: (() => void)[]; last: (() => void)[] } = { first: [], last: [] };
  let running = 0;
  // The place of one that ends goes straight to the next, so that nobody slips in between.
  const release = (): void => {
    const next = waiting.first.shift() ?? waiting.last.shift();
    if (next === undefined) running--;
    else next();
  };
  return {
    async run(order, task) {
      if (running >= atOnce) await new Promise<void>((resolve) => void waiting[order].push(resolve));
      else running++;
      try {
        return await task();
      } finally {
        release();
      }
    },
  };
}
