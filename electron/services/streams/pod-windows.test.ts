import { describe, expect, it } from 'vitest';
import { packPods, unpackPods, type PodRow, type PodWindow } from '../../../api/console/index.ts';
import { createFakeClock } from '../../../machinery/clock.ts';
import { createOrderedView, type OrderedView } from './ordered-view.ts';
import { podOrder, podPage } from './pod-windows.ts';
import { createRowTable } from './row-table.ts';

const pod = (name: string, facts: Partial<PodRow> = {}): PodRow => ({
  uid: `uid-${name}`,
  namespace: 'shop',
  name,
  state: 'running',
  reason: 'Running',
  readyContainers: 1,
  containers: 1,
  restarts: 0,
  cpuMilli: 100,
  memoryBytes: 64,
  createdAt: 0,
  over: false,
  ...facts,
});
const wanted: PodWindow = { filter: 'all', sort: { by: 'name', descending: false }, offset: 0, limit: 2 };

function viewOf(rows: readonly PodRow[], window: PodWindow, namespace?: string): OrderedView<PodRow> {
  const table = createRowTable<PodRow>(createFakeClock());
  for (const row of rows) table.put(row);
  table.markReady();
  return createOrderedView(table, podOrder(window, namespace), () => undefined).view;
}

describe('a window into the pods', () => {
  const rows = [
    pod('cart-10', { restarts: 4, node: 'm1' }),
    pod('cart-2', { state: 'failed', reason: 'CrashLoopBackOff' }),
    pod('cart-1', { namespace: 'bank', state: 'pending', reason: 'Pending' }),
  ];
  const names = (window: PodWindow, namespace?: string): string[] =>
    podPage(viewOf(rows, window, namespace), window).rows.map(({ name }) => name);

  it('sorts names as people count', () => {
    expect(names({ ...wanted, limit: 9 })).toEqual(['cart-1', 'cart-2', 'cart-10']);
  });

  it('puts what fails first when sorted by state', () => {
    expect(names({ ...wanted, limit: 9, sort: { by: 'state', descending: false } })).toEqual([
      'cart-2',
      'cart-1',
      'cart-10',
    ]);
  });

  it('gives the part asked for, and the last rows for an offset behind the end', () => {
    expect(names({ ...wanted, offset: 1 })).toEqual(['cart-2', 'cart-10']);
    expect(podPage(viewOf(rows, wanted), { offset: 50, limit: 2 })).toMatchObject({ offset: 1, matching: 3 });
  });

  it('counts by filter whatever is searched for, within the namespace', () => {
    const window: PodWindow = { ...wanted, search: 'CRASH', filter: 'failing' };
    expect(podPage(viewOf(rows, window, 'shop'), window)).toMatchObject({
      matching: 1,
      counts: { all: 2, running: 1, waiting: 0, failing: 1, done: 0 },
    });
  });

  it('finds only what has every word', () => {
    expect(names({ ...wanted, search: 'cart m1' })).toEqual(['cart-10']);
    expect(names({ ...wanted, search: 'cart m2' })).toEqual([]);
  });
});

describe('packed pods', () => {
  it('come out as they went in, without what the map does not need', () => {
    const owner = { kind: 'Deployment', name: 'cart' };
    const rows = [
      pod('cart-1', { node: 'm1', owner, qosClass: 'Burstable' }),
      pod('cart-2', { owner, over: true, state: 'succeeded', reason: 'Completed' }),
      pod('lonely', { state: 'pending', reason: 'Pending' }),
    ];
    const packed = packPods(rows);
    expect(packed.words.filter((word) => word === 'cart')).toHaveLength(1);
    const unpacked = unpackPods(structuredClone(packed));
    expect(unpacked).toEqual(
      rows.map(({ uid, namespace, name, state, reason, node, owner: of, cpuMilli, memoryBytes, over, qosClass }) => {
        return { uid, namespace, name, state, reason, node, owner: of, cpuMilli, memoryBytes, over, qosClass };
      }),
    );
    expect(unpacked[0]?.owner).toBe(unpacked[1]?.owner);
  });
});
