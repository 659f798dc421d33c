import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RouteLocationNormalized } from 'vue-router';
import { recoverLostCode } from './lost-code.ts';

type Listener = (error: unknown, to: RouteLocationNormalized, from: RouteLocationNormalized) => unknown;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  sessionStorage.clear();
});

it('begins anew where the person was going, once in a while, and says when that did not help', async () => {
  let listener: Listener | undefined;
  const reload = vi.fn();
  const tell = vi.fn();
  const lose = async (fullPath?: string): Promise<void> => {
    dispatchEvent(new Event('vite:preloadError'));
    const to = { fullPath } as RouteLocationNormalized;
    if (fullPath !== undefined) listener?.(new Error('Unable to preload CSS'), to, to);
    await vi.runAllTimersAsync();
  };
  recoverLostCode({ router: { onError: (added) => ((listener = added), () => undefined) }, reload, tell });

  await lose('/clusters/lab/storage');
  expect(reload).toHaveBeenCalledTimes(1);
  expect(location.hash).toBe('#/clusters/lab/storage');
  expect(tell).not.toHaveBeenCalled();

  await lose('/clusters/lab/network');
  expect(reload).toHaveBeenCalledTimes(1);
  expect(location.hash).toBe('#/clusters/lab/storage');
  expect(tell).toHaveBeenCalledTimes(1);

  await vi.advanceTimersByTimeAsync(10_000);
  await lose(); // a part of the screen that is open
  expect(reload).toHaveBeenCalledTimes(2);
  expect(location.hash).toBe('#/clusters/lab/storage');
});
