import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../machinery/clock.ts';
import type { FakeClock } from '../../../machinery/clock.ts';
import { createPressure } from './pressure.ts';
import type { Pressure } from './pressure.ts';
import { defaultEvictionHard, isCrossed, parseThresholds } from './thresholds.ts';
import type { EvictionSignal, Supply } from './thresholds.ts';

const mebibyte = 1024 * 1024;
const lookMs = 10_000;

describe('eviction thresholds', () => {
  it('are read as upstream writes them', () => {
    const soft = parseThresholds('memory.available<100Mi', 'nodefs.available<15%', 'nodefs.available=1m30s');
    expect(soft).toEqual([
      { signal: 'memory.available', quantity: '100Mi' },
      { signal: 'nodefs.available', quantity: '15%', graceMs: 90_000 },
    ]);
    expect(parseThresholds(defaultEvictionHard, '', '')).toHaveLength(6);
  });

  it.each([
    ['100Mi', 101 * mebibyte, false],
    ['100Mi', 99 * mebibyte, true],
    ['10%', 100 * mebibyte, false],
    ['10%', 99 * mebibyte, true],
  ])('%s with %d bytes left of 1000 Mi: %s', (quantity, available, wanted) => {
    const supply = { available, capacity: 1000 * mebibyte };
    expect(isCrossed({ signal: 'memory.available', quantity }, supply)).toBe(wanted);
  });

  it.each([
    ['moonlight<1Gi', '', '', /moonlight/],
    ['memory.available', '', '', /memory\.available/],
    ['memory.available<120%', '', '', /120%/],
    ['memory.available<lots', '', '', /lots/],
    ['', 'memory.available<1Gi', '', /grace period/],
    ['', 'memory.available<1Gi', 'memory.available=soon', /soon/],
  ])('refuse %j, %j, %j', (hard, soft, grace, words) => {
    expect(() => parseThresholds(hard, soft, grace)).toThrow(words);
  });
});

describe('the shortage of a node', () => {
  const supplies = new Map<EvictionSignal, Supply>();
  const memory = (mebibytes: number): void =>
    void supplies.set('memory.available', { available: mebibytes * mebibyte, capacity: 1000 * mebibyte });
  const watch = (clock: FakeClock): Pressure =>
    createPressure({
      thresholds: parseThresholds(
        'memory.available<100Mi,pid.available<5%',
        'memory.available<200Mi',
        'memory.available=30s',
      ),
      supplies: () => Promise.resolve(supplies),
      clock,
    });
  const looks = async (pressure: Pressure, clock: FakeClock, count: number): Promise<string[][]> => {
    const found: string[][] = [];
    for (let index = 0; index < count; index++) {
      found.push((await pressure.look()).due.map(({ threshold }) => threshold.quantity));
      await clock.advance(lookMs);
    }
    return found;
  };

  it('is acted on at once below a hard threshold, and after its grace below a soft one', async () => {
    const clock = createFakeClock();
    const pressure = watch(clock);
    memory(150);
    expect(await looks(pressure, clock, 4)).toEqual([[], [], [], ['200Mi']]);
    memory(50);
    expect(await looks(pressure, clock, 1)).toEqual([['100Mi', '200Mi']]);
  });

  it('starts its grace anew when it was over in between', async () => {
    const clock = createFakeClock();
    const pressure = watch(clock);
    memory(150);
    await looks(pressure, clock, 3);
    memory(300);
    await looks(pressure, clock, 1);
    memory(150);
    expect(await looks(pressure, clock, 3)).toEqual([[], [], []]);
  });

  it('is shown at once, and for five minutes after it is over', async () => {
    const clock = createFakeClock();
    const pressure = watch(clock);
    memory(150);
    expect(await pressure.look()).toMatchObject({ memoryPressure: true, diskPressure: false, pidPressure: false });
    memory(300);
    await looks(pressure, clock, 29);
    expect((await pressure.look()).memoryPressure).toBe(true);
    await looks(pressure, clock, 2);
    expect((await pressure.look()).memoryPressure).toBe(false);
  });

  it.each([3_600_000, -3_600_000])('is neither hurried nor forgotten by a clock that steps by %d ms', async (byMs) => {
    let offsetMs = 0;
    const clock = createFakeClock();
    const pressure = watch({ ...clock, now: () => clock.now() + offsetMs });
    memory(150);
    await looks(pressure, clock, 1);
    offsetMs = byMs;
    expect(await looks(pressure, clock, 2)).toEqual([[], []]);
    memory(300);
    expect((await pressure.look()).memoryPressure).toBe(true);
    memory(150);
    expect(await looks(pressure, clock, 4)).toEqual([[], [], [], ['200Mi']]);
  });
});
