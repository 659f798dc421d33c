import { describe, expect, it } from 'vitest';
import { offsetFor } from './use-pod-window.ts';

describe('the window of a long list', () => {
  it('stays while what is in sight is well inside', () => {
    expect(offsetFor(0, 0, 40)).toBe(0);
    expect(offsetFor(200, 230, 280)).toBe(200);
  });

  it('moves around what is in sight when that comes near an end', () => {
    expect(offsetFor(0, 90, 130)).toBe(50);
    expect(offsetFor(200, 205, 245)).toBe(165);
    expect(offsetFor(0, 29_960, 29_999)).toBe(29_920);
  });

  it('never begins before the list', () => {
    expect(offsetFor(200, 0, 40)).toBe(0);
  });
});
