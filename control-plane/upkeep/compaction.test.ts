import { expect, it } from 'vitest';
import { createFakeClock } from '../../machinery/clock.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { podKey, podNamed } from '../store/contract-suite.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { runCompaction } from './compaction.ts';

it('forgets what was old a round ago, and keeps the last round', async () => {
  const clock = createFakeClock();
  const store = createMemoryStore({ clock });
  const ending = new AbortController();
  const running = runCompaction({ store, clock, logger: silentLogger, signal: ending.signal, intervalMs: 1000 });
  const first = await store.create(podKey('a'), podNamed('a'));
  await clock.advance(1000);
  const second = await store.create(podKey('b'), podNamed('b'));
  await clock.advance(1000);
  await expect(store.list('/registry/pods/', { revision: first.revision - 1 })).rejects.toMatchObject({
    reason: 'Expired',
  });
  expect((await store.list('/registry/pods/', { revision: second.revision })).items).toHaveLength(2);
  ending.abort();
  await running;
  expect(clock.pendingTimers).toBe(0);
});
