import { describe, expect, it } from 'vitest';
import type { NodeRow, PodRow } from '../../../api/console/index.ts';
import { moveBy } from './placement-keys.ts';
import { boxAt, cellAt, layOut, slotRect } from './placement-layout.ts';
import { createPlacementModel, fadeMs, trayName } from './placement-model.ts';
import { fit, pan, reveal, toMap, zoomAt } from './placement-view.ts';

const node = (name: string): NodeRow =>
  ({ uid: name, name, state: 'ready', pods: 0, podLimit: 110 }) as unknown as NodeRow;
const pod = (uid: string, on?: string): PodRow => ({ uid, name: uid, node: on, state: 'running' }) as unknown as PodRow;
const slots = (model: ReturnType<typeof createPlacementModel>, name: string): Record<string, number> =>
  Object.fromEntries(
    [...(model.machines().find((machine) => machine.name === name)?.cells ?? [])].map(([uid, { slot }]) => [uid, slot]),
  );

describe('the placement model', () => {
  it('keeps each pod in its cell and gives the first free one to a newcomer', () => {
    const model = createPlacementModel();
    model.update([node('a')], [pod('1', 'a'), pod('2', 'a'), pod('3', 'a')], 0);
    model.update([node('a')], [pod('1', 'a'), pod('3', 'a')], 1000);
    model.settle(1000 + fadeMs);
    model.update([node('a')], [pod('1', 'a'), pod('3', 'a'), pod('4', 'a')], 2000);
    expect(slots(model, 'a')).toEqual({ 1: 0, 3: 2, 4: 1 });
  });

  it('moves a pod from the tray to its machine, fading out where it was', () => {
    const model = createPlacementModel();
    model.update([node('a')], [pod('1')], 0);
    expect(slots(model, trayName)).toEqual({ 1: 0 });
    model.update([node('a')], [pod('1', 'a')], 1000);
    expect(model.find('1')?.machine.name).toBe('a');
    expect(model.settle(1000)).toBe(true);
    model.settle(1000 + fadeMs);
    expect(slots(model, trayName)).toEqual({});
    expect(model.settle(1001 + fadeMs)).toBe(false);
  });

  it('keeps a machine that is gone for as long as pods name it', () => {
    const model = createPlacementModel();
    model.update([node('a'), node('b')], [pod('1', 'b')], 0);
    model.update([node('a')], [pod('1', 'b')], 1);
    expect(model.machines().map(({ name, node: row }) => [name, row?.name])).toEqual([
      ['a', 'a'],
      ['b', undefined],
    ]);
  });

  it('holds what the rows say, whatever comes, goes, moves and changes its order', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const model = createPlacementModel();
    const names = ['a', 'b', 'c'];
    let rows: PodRow[] = [];
    for (let round = 0; round < 300; round++) {
      rows = rows.filter(() => random(8) > 0).map((row) => (random(6) > 0 ? row : pod(row.uid, names[random(4)])));
      for (let born = random(4); born > 0; born--) rows.push(pod(`${round}-${born}`, names[random(4)]));
      if (random(10) === 0) rows = rows.toSorted((one, other) => one.uid.localeCompare(other.uid));
      if (random(5) === 0) rows = [...rows.slice(5), ...rows.slice(0, 5)];
      model.update(names.map(node), rows, round * 100);
      if (random(3) === 0) model.settle(round * 100 + random(2) * fadeMs);

      const here = new Map(rows.map((row) => [row.uid, row]));
      for (const row of rows) {
        const found = model.find(row.uid);
        expect([found?.machine.name, found?.cell.pod, found?.cell.leftAt]).toEqual([
          row.node ?? trayName,
          row,
          undefined,
        ]);
      }
      for (const { name, cells } of model.machines()) {
        expect(new Set([...cells.values()].map(({ slot }) => slot)).size).toBe(cells.size);
        for (const [uid, { leftAt }] of cells)
          if (leftAt === undefined) expect(here.get(uid)?.node ?? trayName).toBe(name);
      }
    }
  });

  it('orders machines as people count', () => {
    const model = createPlacementModel();
    model.update([node('n-10'), node('n-2'), node('n-1')], [], 0);
    expect(model.machines().map(({ name }) => name)).toEqual(['n-1', 'n-2', 'n-10']);
  });
});

describe('the layout', () => {
  const model = createPlacementModel();
  const names = Array.from({ length: 12 }, (_none, index) => `n-${index + 1}`);
  model.update(names.map(node), [pod('1', 'n-1'), pod('2', 'n-1'), pod('w')], 0);
  const layout = layOut(model.machines(), { width: 1200, height: 750, largestScale: 1.5 });

  it('puts no box on another', () => {
    for (const a of layout.boxes) {
      for (const b of layout.boxes) {
        if (a === b) continue;
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
    }
  });

  it('puts few machines side by side, and leaves them there when a panel takes some of the room', () => {
    const few = createPlacementModel();
    few.update(['m', 'w1', 'w2'].map(node), [], 0);
    const room = { width: 1130, height: 730, largestScale: 1.5 };
    const wide = layOut(few.machines(), room);
    expect(wide.across).toBe(3);
    expect(layOut(few.machines(), { ...room, width: 860 }, wide.across).across).toBe(3);
    expect(layOut(few.machines(), { ...room, width: 400 }, wide.across).across).toBeLessThan(3);
  });

  it('finds the cell under a point', () => {
    const box = layout.boxes.find(({ machine }) => machine.name === 'n-1');
    if (box === undefined) throw new Error('n-1 has no box');
    const { x, y } = slotRect(box, 1);
    expect(boxAt(layout, x + 2, y + 2)).toBe(box);
    expect(cellAt(box, x + 2, y + 2)?.pod.uid).toBe('2');
    expect(cellAt(box, box.x + 1, box.y + 1)).toBeUndefined();
  });

  it('is walked by keys: into a machine, along its cells, on to the next', () => {
    const first = moveBy('ArrowDown', layout, undefined);
    expect(first?.box.machine.name).toBe(trayName);
    const machine = moveBy('PageDown', layout, first);
    expect(machine?.box.machine.name).toBe('n-1');
    const one = moveBy('ArrowDown', layout, machine);
    expect(one?.cell?.pod.uid).toBe('1');
    const two = moveBy('ArrowRight', layout, one);
    expect(two?.cell?.pod.uid).toBe('2');
    expect(moveBy('ArrowRight', layout, two)?.box.machine.name).toBe('n-2');
    expect(moveBy('End', layout, two)?.box.machine.name).toBe('n-12');
    expect(moveBy('x', layout, two)).toBeUndefined();
  });
});

describe('the view', () => {
  const layout = { boxes: [], width: 1000, height: 400 };
  const size = { width: 800, height: 600 };

  it('fits the map into the window', () => {
    const view = fit(layout, size);
    expect(view.scale).toBeCloseTo(0.76);
    expect(toMap(view, 20, 20)).toEqual({ x: 0, y: 0 });
  });

  it('zooms around the pointer', () => {
    const view = fit(layout, size);
    const before = toMap(view, 300, 200);
    const after = toMap(zoomAt(view, 2, 300, 200), 300, 200);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it('never loses the map out of the window', () => {
    const view = pan(fit(layout, size), 10_000, -10_000, layout, size);
    expect(view.x).toBeLessThan(size.width);
    expect(view.y + layout.height * view.scale).toBeGreaterThan(0);
  });

  it('reveals what is outside, and moves nothing that is inside', () => {
    const view = { scale: 1, x: 0, y: 0 };
    expect(reveal(view, { x: 100, y: 100, width: 50, height: 50 }, size)).toEqual(view);
    const moved = reveal(view, { x: 900, y: 100, width: 50, height: 50 }, size);
    expect(900 + 50 + moved.x).toBeLessThanOrEqual(size.width);
  });
});
