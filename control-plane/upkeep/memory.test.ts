import { expect, it } from 'vitest';
import { createFakeClock } from '../../machinery/clock.ts';
import { runMemoryUpkeep } from './memory.ts';

it('collects once after each burst, and only when it is quiet', async () => {
  const clock = createFakeClock();
  const ending = new AbortController();
  const mebibyte = 1024 * 1024;
  let heldBytes = 60 * mebibyte;
  let utilization = 0;
  let collections = 0;
  const running = runMemoryUpkeep({
    clock,
    signal: ending.signal,
    probe: () => ({ heldBytes, utilization }),
    collect: () => {
      collections++;
      heldBytes = 40 * mebibyte;
    },
  });
  await clock.advance(60_000);
  expect(collections).toBe(1);
  heldBytes = 300 * mebibyte;
  utilization = 0.8;
  await clock.advance(60_000);
  expect(collections).toBe(1);
  utilization = 0.01;
  await clock.advance(60_000);
  expect(collections).toBe(2);
  ending.abort();
  await running;
});
