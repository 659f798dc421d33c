import { describe, expect, it } from 'vitest';
import { createRestartBackoff } from './restart-backoff.ts';

describe('restart back-off', () => {
  it('restarts at once, then after 10 s, doubling to 5 min', () => {
    const backoff = createRestartBackoff();
    let nowMs = 0;
    const waits: number[] = [];
    for (let restart = 0; restart < 9; restart++) {
      const untilMs = backoff.waitUntilMs('pod/app', nowMs, nowMs);
      waits.push(untilMs === undefined ? 0 : (untilMs - nowMs) / 1000);
      nowMs = untilMs ?? nowMs;
      backoff.restarted('pod/app', nowMs, nowMs);
    }
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('is forgotten after a long run', () => {
    const backoff = createRestartBackoff();
    for (let restart = 0; restart < 5; restart++) backoff.restarted('pod/app', 0, 0);
    expect(backoff.waitUntilMs('pod/app', 100_000, 100_000)).toBe(260_000);
    expect(backoff.waitUntilMs('pod/app', 601_000, 601_000)).toBeUndefined();
  });

  it('is kept per container and forgotten with its pod', () => {
    const backoff = createRestartBackoff();
    backoff.restarted('pod/a', 0, 0);
    expect(backoff.waitUntilMs('pod/b', 0, 0)).toBeUndefined();
    backoff.forget('pod/');
    expect(backoff.waitUntilMs('pod/a', 0, 0)).toBeUndefined();
  });
});
