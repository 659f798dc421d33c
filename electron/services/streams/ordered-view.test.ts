import { beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createFakeClock } from '../../../machinery/clock.ts';
import { createOrderedView, type Order, type OrderedView } from './ordered-view.ts';
import { createRowTable, type RowTable } from './row-table.ts';

interface Row {
  readonly uid: string;
  readonly name: string;
  readonly size: number;
  readonly kind: 'fish' | 'boat';
}

const row = (uid: string, size: number, kind: Row['kind'] = 'boat'): Row => ({ uid, name: `n${uid}`, size, kind });
const bySize: Order<Row> = {
  within: () => true,
  matches: ({ kind }) => kind === 'boat',
  keyOf: ({ size }) => size,
  tieOf: ({ name }) => name,
  descending: false,
  groupOf: ({ kind }) => kind,
};

describe('an ordered view', () => {
  let table: RowTable<Row>;
  let view: OrderedView<Row>;
  let changes: number;
  const clock = createFakeClock();
  const uids = (): string[] | undefined => view.rows?.map(({ uid }) => uid);

  beforeEach(() => {
    table = createRowTable<Row>(clock, 10);
    changes = 0;
    ({ view } = createOrderedView(table, bySize, () => changes++));
  });

  it('has no rows before the table is ready', () => {
    table.put(row('a', 1));
    expect(view.rows).toBeUndefined();
  });

  it('sorts what matches, and counts the others too', async () => {
    for (const one of [row('a', 3), row('b', 1), row('c', 2, 'fish')]) table.put(one);
    table.markReady();
    await clock.advance(20);
    expect(uids()).toEqual(['b', 'a']);
    expect(Object.fromEntries(view.counts)).toEqual({ boat: 2, fish: 1 });
    expect(view.total).toBe(3);
  });

  it('moves a row that changed, and lets go of one that no longer matches', async () => {
    for (const one of [row('a', 1), row('b', 2), row('c', 3)]) table.put(one);
    table.markReady();
    table.put(row('a', 9));
    table.put(row('b', 2, 'fish'));
    await clock.advance(20);
    expect(uids()).toEqual(['c', 'a']);
    expect(Object.fromEntries(view.counts)).toEqual({ boat: 2, fish: 1 });
  });

  it('says nothing of a row that is put again as it was', async () => {
    table.put(row('a', 1));
    table.markReady();
    await clock.advance(20);
    const before = changes;
    table.put(row('a', 1));
    await clock.advance(20);
    expect(changes).toBe(before);
  });

  it('is the sorted table after any changes, up and down', async () => {
    const action = fc.record({
      uid: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      size: fc.integer({ min: 0, max: 3 }),
      kind: fc.constantFrom<Row['kind']>('fish', 'boat'),
      isGone: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(action)), fc.boolean(), async (batches, descending) => {
        const own = createRowTable<Row>(clock, 10);
        const made = createOrderedView(own, { ...bySize, descending }, () => undefined);
        own.markReady();
        for (const batch of batches) {
          for (const { uid, size, kind, isGone } of batch)
            if (isGone) own.remove(uid);
            else own.put(row(uid, size, kind));
          await clock.advance(20);
        }
        const sign = descending ? -1 : 1;
        const expected = [...own.values()]
          .filter(({ kind }) => kind === 'boat')
          .sort((one, other) => sign * (one.size - other.size) || (one.name < other.name ? -1 : 1));
        expect(made.view.rows).toEqual(expected);
        expect(made.view.total).toBe(own.size);
      }),
      { numRuns: 60 },
    );
  });
});
