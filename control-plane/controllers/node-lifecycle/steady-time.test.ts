import { expect, it } from 'vitest';
import { createFakeClock } from '../../../machinery/clock.ts';
import { startSteadyTime } from './steady-time.ts';

it('follows timers, not the hands of the clock', async () => {
  const timers = createFakeClock();
  let skewMs = 0;
  const clock = { ...timers, now: () => timers.now() + skewMs };
  const ending = new AbortController();
  const time = startSteadyTime(clock, 500, ending.signal);
  await timers.advance(5_000);
  expect(time.now()).toBe(5_000);
  skewMs = 3_600_000;
  await timers.advance(500);
  skewMs = -3_600_000;
  await timers.advance(500);
  expect(time.now()).toBe(6_000);
  ending.abort();
  await timers.advance(10_000);
  expect(time.now()).toBeLessThanOrEqual(6_500);
});
