import { beforeEach, describe, expect, it } from 'vitest';
import type { RowsChange } from '../../../api/console/index.ts';
import { createFakeClock, type FakeClock } from '../../../machinery/clock.ts';
import { createRowTable, type RowTable } from './row-table.ts';

interface Row {
  readonly uid: string;
  readonly size: number;
}

describe('a row table', () => {
  let clock: FakeClock;
  let table: RowTable<Row>;
  let heard: RowsChange<Row>[];
  const all = (): boolean => true;

  beforeEach(() => {
    clock = createFakeClock();
    table = createRowTable<Row>(clock, 100);
    heard = [];
  });

  it('gives the snapshot once the first list is in', async () => {
    table.subscribe(all, (change) => heard.push(change));
    table.put({ uid: 'a', size: 1 });
    await clock.advance(500);
    expect(heard).toEqual([]);
    table.markReady();
    expect(heard).toEqual([{ kind: 'snapshot', rows: [{ uid: 'a', size: 1 }] }]);
  });

  it('gives a long snapshot in parts', () => {
    for (let index = 0; index < 4500; index++) table.put({ uid: String(index), size: index });
    table.markReady();
    table.subscribe(all, (change) => heard.push(change));
    const parts = heard.map((change) => (change.kind === 'snapshot' ? change.rows : change.upserted).length);
    expect(heard.map(({ kind }) => kind)).toEqual(['snapshot', 'changes', 'changes']);
    expect(parts).toEqual([2000, 2000, 500]);
  });

  it('tells the first change at once and what follows together', async () => {
    table.markReady();
    await clock.advance(200);
    table.subscribe(all, (change) => heard.push(change));
    heard = [];
    table.put({ uid: 'a', size: 1 });
    await clock.advance(0);
    expect(heard).toEqual([{ kind: 'changes', upserted: [{ uid: 'a', size: 1 }], removed: [] }]);
    table.put({ uid: 'a', size: 2 });
    table.put({ uid: 'a', size: 3 });
    table.put({ uid: 'b', size: 1 });
    await clock.advance(99);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    expect(heard[1]).toEqual({
      kind: 'changes',
      upserted: [
        { uid: 'a', size: 3 },
        { uid: 'b', size: 1 },
      ],
      removed: [],
    });
  });

  it('removes from a subscriber what leaves its filter, and tells nothing of what it never saw', async () => {
    table.markReady();
    table.put({ uid: 'a', size: 9 });
    table.put({ uid: 'b', size: 1 });
    await clock.advance(200);
    table.subscribe(
      ({ size }) => size > 5,
      (change) => heard.push(change),
    );
    table.put({ uid: 'a', size: 2 });
    table.put({ uid: 'b', size: 2 });
    await clock.advance(200);
    expect(heard).toEqual([
      { kind: 'snapshot', rows: [{ uid: 'a', size: 9 }] },
      { kind: 'changes', upserted: [], removed: ['a'] },
    ]);
  });

  it('says nothing of a row that came and went between two deliveries', async () => {
    table.markReady();
    table.subscribe(all, (change) => heard.push(change));
    heard = [];
    table.put({ uid: 'a', size: 1 });
    table.remove('a');
    await clock.advance(500);
    expect(heard).toEqual([]);
  });

  it('is silent after the end of a subscription', async () => {
    table.markReady();
    const stop = table.subscribe(all, (change) => heard.push(change));
    stop();
    heard = [];
    table.put({ uid: 'a', size: 1 });
    await clock.advance(500);
    expect(heard).toEqual([]);
  });
});
