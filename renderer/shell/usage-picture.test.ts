import { describe, expect, it } from 'vitest';
import { drawUsage, unrecordedMs } from './usage-picture.ts';

const moments = (...times: number[]) => times.map((at) => ({ at, cpuMilli: at * 10 }));

describe('recorded usage as a picture', () => {
  it('draws no line where nothing was recorded, and says for how long that was', () => {
    const past = { from: 0, to: 100, moments: moments(10, 20, 30, 70, 80, 90, 100) };
    const { line, peak, last, mean } = drawUsage(past, 'cpuMilli', 1);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(peak).toEqual({ at: 100, value: 1000 });
    expect(last).toBe(1000);
    expect(mean).toBeCloseTo(571.4, 1);
    expect(unrecordedMs(past)).toBe(40);
  });

  it('says nothing of a figure that was not measured, and shows a single moment', () => {
    const past = { from: 0, to: 100, moments: moments(50) };
    expect(drawUsage(past, 'diskBytes', 1)).toEqual({ line: '', area: '', top: 1 });
    expect(drawUsage(past, 'cpuMilli', 1).line).toBe('M50.00 4.76h0.3');
  });

  it('counts the whole span when nothing was recorded at all', () => {
    expect(unrecordedMs({ from: 5, to: 105, moments: [] })).toBe(100);
  });
});
