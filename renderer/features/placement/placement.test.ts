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
