// Moving over the map by keyboard: between cells of a machine, and between machines. Pure.
import type { Box, Layout } from './placement-layout.ts';
import type { Cell } from './placement-model.ts';

export interface Position {
  readonly box: Box;
  readonly cell: Cell | undefined;
}

function cellsOf(box: Box): Cell[] {
  return [...box.machine.cells.values()].filter(({ leftAt }) => leftAt === undefined).sort((a, b) => a.slot - b.slot);
}

function nearest(box: Box, slot: number): Cell | undefined {
  return cellsOf(box).toSorted((a, b) => Math.abs(a.slot - slot) - Math.abs(b.slot - slot))[0];
}

function neighbourBox(layout: Layout, box: Box, by: number): Position | undefined {
  const next = layout.boxes[layout.boxes.indexOf(box) + by];
  return next && { box: next, cell: undefined };
}

function vertical(layout: Layout, { box, cell }: Position, sign: 1 | -1): Position | undefined {
  if (cell !== undefined) {
    const beyond = cellsOf(box).filter(({ slot }) => (slot - cell.slot) * sign >= box.columns);
    const near = beyond.toSorted(
      (a, b) =>
        Math.abs(Math.abs(a.slot - cell.slot) - box.columns) - Math.abs(Math.abs(b.slot - cell.slot) - box.columns),
    )[0];
    if (near !== undefined) return { box, cell: near };
    if (sign === -1) return { box, cell: undefined };
  } else if (sign === 1) {
    const first = nearest(box, 0);
    if (first !== undefined) return { box, cell: first };
  }
  const middle = box.x + box.width / 2;
  const boxes = layout.boxes.filter((other) => (sign === 1 ? other.y > box.y : other.y < box.y));
  const next = boxes.toSorted(
    (a, b) =>
      Math.abs(a.y - box.y) - Math.abs(b.y - box.y) ||
      Math.abs(a.x + a.width / 2 - middle) - Math.abs(b.x + b.width / 2 - middle),
  )[0];
  return next && { box: next, cell: undefined };
}

function horizontal(layout: Layout, { box, cell }: Position, sign: 1 | -1): Position | undefined {
  if (cell === undefined) return neighbourBox(layout, box, sign);
  const cells = cellsOf(box);
  const next = cells[cells.indexOf(cell) + sign];
  return next === undefined ? neighbourBox(layout, box, sign) : { box, cell: next };
}

/** Where a key leads from a position; undefined when it leads nowhere. */
export function moveBy(key: string, layout: Layout, from: Position | undefined): Position | undefined {
  const [first] = layout.boxes;
  if (first === undefined) return undefined;
  const last = layout.boxes.at(-1) ?? first;
  if (key === 'Home') return { box: first, cell: undefined };
  if (key === 'End') return { box: last, cell: undefined };
  if (!['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'PageDown', 'PageUp'].includes(key)) return undefined;
  if (from === undefined) return { box: first, cell: undefined };
  switch (key) {
    case 'ArrowDown':
      return vertical(layout, from, 1);
    case 'ArrowUp':
      return vertical(layout, from, -1);
    case 'ArrowRight':
      return horizontal(layout, from, 1);
    case 'ArrowLeft':
      return horizontal(layout, from, -1);
    default:
      return neighbourBox(layout, from.box, key === 'PageDown' ? 1 : -1);
  }
}
