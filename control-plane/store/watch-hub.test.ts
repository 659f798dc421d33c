import { expect, it } from 'vitest';
import { createFakeClock } from '../../machinery/clock.ts';
import { podKey, podNamed } from './contract-suite.ts';
import type { StoreEvent } from './contract.ts';
import { createMemoryStore } from './memory-store.ts';

it('tells a few watchers of every change at once, and a crowd in beats', async () => {
  const clock = createFakeClock();
  const store = createMemoryStore({ clock });
  const signal = new AbortController();
  const batchesOf = (prefix: string): (readonly StoreEvent[])[] => {
    const batches: (readonly StoreEvent[])[] = [];
    const watch = store.watch(prefix, { fromRevision: store.cachedRevision(), signal: signal.signal });
    void (async () => {
      for await (const batch of watch) batches.push(batch);
    })();
    return batches;
  };
  const crowd = Array.from({ length: 20 }, () => batchesOf('/registry/pods/'));
  const alone = batchesOf('/registry/pods/default/');
  await clock.settle();

  for (const name of ['a', 'b', 'c', 'd']) {
    await store.create(podKey(name), podNamed(name));
    await clock.settle();
  }
  expect(alone.map((batch) => batch.length)).toEqual([1, 1, 1, 1]);
  for (const batches of crowd) expect(batches.map((batch) => batch.length)).toEqual([1]);

  await clock.advance(2);
  for (const batches of crowd) expect(batches.map((batch) => batch.length)).toEqual([1, 3]);
  await clock.advance(2);
  await store.create(podKey('e'), podNamed('e'));
  await clock.settle();
  for (const batches of crowd) expect(batches.map((batch) => batch.length)).toEqual([1, 3, 1]);
  signal.abort();
  await store.close();
});
