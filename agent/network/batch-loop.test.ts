import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../machinery/clock.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { runBatchLoop } from './batch-loop.ts';

function start(sync: (keys: string[]) => Promise<void> = () => Promise.resolve(), restMs = 0) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const batches: string[][] = [];
  let repairs = 0;
  let add: (key: string) => void = () => undefined;
  const done = runBatchLoop({
    name: 'test',
    subscribe(each) {
      add = each;
      return () => (add = () => undefined);
    },
    sync(keys) {
      batches.push([...keys].sort());
      return sync([...keys]);
    },
    repair: () => (repairs++, Promise.resolve()),
    repairEveryMs: 10_000,
    restMs,
    logger: silentLogger,
    clock,
    signal: stop.signal,
  });
  return { clock, batches, add: (key: string) => add(key), repairs: () => repairs, stop, done };
}

describe('the batch loop', () => {
  it('hands over everything that changed at once', async () => {
    const loop = start();
    for (const key of ['a', 'b', 'a']) loop.add(key);
    await loop.clock.settle();
    expect(loop.batches).toEqual([['a', 'b']]);
  });

  it('hands over a key again that changed during a sync', async () => {
    const gate = Promise.withResolvers<void>();
    const loop = start(() => gate.promise);
    loop.add('a');
    await loop.clock.settle();
    loop.add('a');
    loop.add('b');
    gate.resolve();
    await loop.clock.settle();
    expect(loop.batches).toEqual([['a'], ['a', 'b']]);
  });

  it('tries again after a failure, together with what came since', async () => {
    let failures = 1;
    const loop = start(() => (failures-- > 0 ? Promise.reject(new Error('busy')) : Promise.resolve()));
    loop.add('a');
    await loop.clock.settle();
    loop.add('b');
    await loop.clock.advance(200);
    expect(loop.batches).toEqual([['a'], ['a', 'b']]);
  });

  it('rests between syncs when told, gathering what comes meanwhile', async () => {
    const loop = start(undefined, 1_000);
    for (const key of ['a', 'b', 'c']) {
      loop.add(key);
      await loop.clock.settle();
    }
    await loop.clock.advance(1_000);
    expect(loop.batches).toEqual([['a'], ['b', 'c']]);
  });

  it('repairs while nothing changes, and ends at once when told', async () => {
    const loop = start();
    await loop.clock.advance(35_000);
    expect(loop.repairs()).toBe(3);
    loop.stop.abort();
    await loop.done;
    expect(loop.clock.pendingTimers).toBe(0);
  });
});
