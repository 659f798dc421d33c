import { describe, expect, it } from 'vitest';
import { createFakeClock } from './clock.ts';
import { createTrigger, runController } from './controller.ts';

function setUp(reconcile: (key: string, nowMs: number) => Promise<{ requeueAfterMs?: number } | void>, workers = 2) {
  const clock = createFakeClock(0);
  const trigger = createTrigger();
  const ending = new AbortController();
  const running = runController({
    name: 'test',
    sources: [trigger],
    reconcile: (key) => reconcile(key, clock.now()),
    workers,
    backoff: { initialMs: 100, maxMs: 1_000 },
    signal: ending.signal,
    clock,
  });
  return { clock, trigger, stop: () => (ending.abort(), running) };
}

describe('a controller', () => {
  it('tries a failing key again after growing waits, and forgets them on success', async () => {
    const times: number[] = [];
    const { clock, trigger, stop } = setUp((_key, nowMs) => {
      times.push(nowMs);
      return times.length < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    });
    await clock.settle();
    trigger.enqueue('a');
    await clock.advance(10_000);
    await stop();
    expect(times).toHaveLength(4);
    const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(waits[0]).toBeGreaterThanOrEqual(80);
    expect(waits[2]).toBeGreaterThan(waits[0] ?? 0);
  });

  it('comes back when asked to, and when something changed while it worked', async () => {
    const seen: string[] = [];
    let release = (): void => undefined;
    const { clock, trigger, stop } = setUp(async (key, nowMs) => {
      seen.push(`${key}@${nowMs}`);
      if (key === 'slow' && seen.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return key === 'again' && nowMs < 500 ? { requeueAfterMs: 500 } : undefined;
    });
    await clock.settle();
    trigger.enqueue('slow');
    await clock.settle();
    trigger.enqueue('slow');
    trigger.enqueue('slow');
    trigger.enqueue('again');
    await clock.settle();
    expect(seen).toEqual(['slow@0', 'again@0']);
    release();
    await clock.advance(1_000);
    await stop();
    expect(seen).toEqual(['slow@0', 'again@0', 'slow@0', 'again@500']);
  });

  it('finishes what is in hand when it is stopped, and starts nothing new', async () => {
    let release = (): void => undefined;
    const seen: string[] = [];
    const { clock, trigger, stop } = setUp(async (key) => {
      seen.push(key);
      await new Promise<void>((resolve) => (release = resolve));
    }, 1);
    await clock.settle();
    trigger.enqueue('a');
    trigger.enqueue('b');
    await clock.settle();
    const stopped = stop();
    release();
    await stopped;
    expect(seen).toEqual(['a']);
  });
});
