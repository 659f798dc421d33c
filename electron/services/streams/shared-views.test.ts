import { describe, expect, it, vi } from 'vitest';
import { createFakeClock } from '../../../machinery/clock.ts';
import type { Order } from './ordered-view.ts';
import { createRowTable } from './row-table.ts';
import { standOnView } from './shared-views.ts';

interface Row {
  readonly uid: string;
}

const order: Order<Row> = {
  within: () => true,
  matches: () => true,
  keyOf: ({ uid }) => uid,
  tieOf: ({ uid }) => uid,
  descending: false,
  groupOf: () => 'all',
};

describe('shared views', () => {
  it('sort once for whoever asks for the same, also shortly after the last has left', async () => {
    const clock = createFakeClock();
    const table = createRowTable<Row>(clock, 10);
    table.put({ uid: 'a' });
    table.markReady();
    const make = vi.fn(() => order);
    const heard: string[] = [];
    const first = standOnView(clock, table, 'up', make, () => heard.push('first'));
    const second = standOnView(clock, table, 'up', make, () => heard.push('second'));
    expect(second.view).toBe(first.view);
    first.leave();
    table.put({ uid: 'b' });
    await clock.advance(20);
    expect(heard).toEqual(['second']);
    second.leave();
    await clock.advance(1000);
    const third = standOnView(clock, table, 'up', make, () => heard.push('third'));
    await clock.advance(60_000);
    expect(third.view.rows?.map(({ uid }) => uid)).toEqual(['a', 'b']);
    expect(make).toHaveBeenCalledTimes(1);
    third.leave();
    await clock.advance(60_000);
    standOnView(clock, table, 'up', make, () => undefined).leave();
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('are others for other orders', () => {
    const clock = createFakeClock();
    const table = createRowTable<Row>(clock, 10);
    const make = vi.fn(() => order);
    standOnView(clock, table, 'up', make, () => undefined);
    standOnView(clock, table, 'down', make, () => undefined);
    expect(make).toHaveBeenCalledTimes(2);
  });
});
