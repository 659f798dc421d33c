import { describe, expect, it } from 'vitest';
import { createFairSeats, type Release } from './fair-seats.ts';

describe('fair seats', () => {
  it('let requests through at once while there are seats', () => {
    const seats = createFairSeats({ seats: 2, longestLine: 1, mostWaiting: 10 });
    expect(seats.enter('a')).toBeTypeOf('function');
    expect(seats.enter('a')).toBeTypeOf('function');
    expect(seats.enter('a')).toBeInstanceOf(Promise);
  });

  it('take turns between flows, however long one line is', async () => {
    const seats = createFairSeats({ seats: 1, longestLine: 100, mostWaiting: 1000 });
    const first = seats.enter('flood') as Release;
    const order: string[] = [];
    const come = async (flow: string): Promise<void> => {
      const release = await seats.enter(flow);
      order.push(flow);
      release();
    };
    const all = [...Array.from({ length: 20 }, () => come('flood')), come('quiet'), come('calm')];
    first();
    await Promise.all(all);
    expect(order.slice(0, 3).sort()).toEqual(['calm', 'flood', 'quiet']);
    expect([seats.running, seats.waiting]).toEqual([0, 0]);
  });

  it('refuse a line that is too long, and only that one', () => {
    const seats = createFairSeats({ seats: 1, longestLine: 2, mostWaiting: 10 });
    void seats.enter('flood');
    void seats.enter('flood');
    void seats.enter('flood');
    expect(() => seats.enter('flood')).toThrow('too many requests');
    expect(seats.enter('quiet')).toBeInstanceOf(Promise);
  });

  it('count a release once', async () => {
    const seats = createFairSeats({ seats: 1, longestLine: 2, mostWaiting: 10 });
    const release = seats.enter('a') as Release;
    release();
    release();
    expect(seats.running).toBe(0);
  });
});
