import { describe, expect, it } from 'vitest';
import { clockSkewMs } from './facts.ts';

describe('the skew of a clock', () => {
  it.each([
    [10_000, 10_000, 10_050, 0],
    [10_000, 5_000, 12_000, 0],
    [9_000, 10_000, 15_000, -1000],
    [20_000, 10_000, 15_000, 5000],
  ])('that says %i between %i and %i is %i', (said, asked, answered, skew) => {
    expect(clockSkewMs(said, asked, answered)).toBe(skew);
  });
});
