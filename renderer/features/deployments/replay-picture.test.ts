import { describe, expect, it } from 'vitest';
import { drawReplay } from './replay-picture.ts';

const point = (at: number, recorded: number, proposed: number | undefined, cpuMilli = 100) => ({
  at,
  recorded,
  proposed,
  cpuMilli,
  memoryBytes: 0,
});

describe('the picture of a replay', () => {
  it('steps where numbers change, on one scale for both', () => {
    const { recorded, proposed, mostPods } = drawReplay([point(0, 2, 2), point(50, 2, 4), point(100, 2, 4)], 0, 100);
    expect(mostPods).toBe(4);
    expect(recorded).toBe('M0.00 50.00H50.00V50.00H100.00V50.00');
    expect(proposed).toBe('M0.00 50.00H50.00V0.00H100.00V0.00');
  });

  it('leaves out what was not recorded', () => {
    const points = [0, 1, 2, 3, 60, 61].map((at) => point(at, 1, undefined));
    const { recorded, proposed, load } = drawReplay(points, 0, 100);
    expect(recorded.match(/M/g)).toHaveLength(2);
    expect(load.match(/Z/g)).toHaveLength(2);
    expect(proposed).toBe('');
  });

  it('is empty of nothing', () => {
    expect(drawReplay([], 0, 1)).toMatchObject({ recorded: '', proposed: '', load: '', mostPods: 1 });
  });
});
