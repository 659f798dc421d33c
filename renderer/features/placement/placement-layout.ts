// Where everything lies on the map, in its own units: a grid of boxes as wide as the window's shape suggests. Pure.
import { trayName, type Cell, type Machine } from './placement-model.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Box extends Rect {
  readonly machine: Machine;
  readonly columns: number;
  readonly slots: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly width: number;
  readonly height: number;
  /** Boxes side by side. */
  readonly across: number;
}

export interface LayoutRoom {
  readonly width: number;
  readonly height: number;
  /** Beyond this scale nothing is gained. */
  readonly largestScale: number;
}

export const cellSize = 14;
export const cellGap = 4;
export const boxPadding = 12;
export const headHeight = 22;
export const barsHeight = 24;
const boxGap = 16;
const fewestSlots = 20;
const narrowestBox = 10;
const step = cellSize + cellGap;

function slotsOf(machines: readonly Machine[]): number {
  let most = fewestSlots;
  for (const { cells } of machines) for (const { slot } of cells.values()) most = Math.max(most, slot + 1);
  return most;
}

/** What is lost of the map's size before boxes change places: a panel that opens beside it moves nothing. */
const tolerated = 0.7;

interface Grid {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly above: number;
}

/** How many boxes side by side let the map be largest: in as few rows as that takes, and as before where that will do. */
function bestAcross({ count, width, height, above }: Grid, room: LayoutRoom, before: number | undefined): number {
  const scaleOf = (across: number): number => {
    const rows = Math.ceil(count / across);
    return Math.min(room.largestScale, room.width / (across * width), room.height / (above + rows * height));
  };
  let best = { across: 1, rows: count, scale: 0 };
  for (let across = 1; across <= count; across++) {
    const found = { across, rows: Math.ceil(count / across), scale: scaleOf(across) };
    if (found.scale > best.scale || (found.scale === best.scale && found.rows < best.rows)) best = found;
  }
  const isKept = before !== undefined && before <= count && scaleOf(before) >= best.scale * tolerated;
  return isKept ? before : best.across;
}

/** The layout of machines in this room; `before` is how many were side by side until now. */
export function layOut(machines: readonly Machine[], room: LayoutRoom, before?: number): Layout {
  const own = machines.filter(({ name }) => name !== trayName);
  const tray = machines.find(({ name, cells }) => name === trayName && cells.size > 0);
  const perRow = Math.max(narrowestBox, Math.ceil(Math.sqrt(slotsOf(own) * 2)));
  const slots = Math.ceil(slotsOf(own) / perRow) * perRow;
  const boxWidth = perRow * step - cellGap + 2 * boxPadding;
  const boxHeight = headHeight + barsHeight + (slots / perRow) * step - cellGap + 2 * boxPadding;

  const trayHeight = tray === undefined ? 0 : headHeight + step + 2 * boxPadding + boxGap;
  const across = bestAcross(
    { count: own.length, width: boxWidth + boxGap, height: boxHeight + boxGap, above: trayHeight },
    room,
    before,
  );
  const width = across * (boxWidth + boxGap) - boxGap;

  const boxes: Box[] = [];
  let top = 0;
  if (tray !== undefined) {
    const columns = Math.max(1, Math.floor((width - 2 * boxPadding + cellGap) / step));
    const trayRows = Math.ceil(slotsOf([tray]) / columns);
    const height = headHeight + trayRows * step - cellGap + 2 * boxPadding;
    boxes.push({ machine: tray, x: 0, y: 0, width, height, columns, slots: 0 });
    top = height + boxGap;
  }
  own.forEach((machine, index) => {
    const x = (index % across) * (boxWidth + boxGap);
    const y = top + Math.floor(index / across) * (boxHeight + boxGap);
    boxes.push({ machine, x, y, width: boxWidth, height: boxHeight, columns: perRow, slots });
  });
  const rows = Math.ceil(own.length / across);
  return { boxes, width, height: top + rows * (boxHeight + boxGap) - (rows > 0 ? boxGap : 0), across };
}

/** Where the cells of a box begin. */
export function cellsTop(box: Box): number {
  return box.y + boxPadding + headHeight + (box.machine.name === trayName ? 0 : barsHeight);
}

/** The square of a slot. */
export function slotRect(box: Box, slot: number): Rect {
  return {
    x: box.x + boxPadding + (slot % box.columns) * step,
    y: cellsTop(box) + Math.floor(slot / box.columns) * step,
    width: cellSize,
    height: cellSize,
  };
}

/** The box at a point of the map. */
export function boxAt({ boxes }: Layout, x: number, y: number): Box | undefined {
  return boxes.find((box) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height);
}

/** The cell at a point of a box. */
export function cellAt(box: Box, x: number, y: number): Cell | undefined {
  const column = Math.floor((x - box.x - boxPadding) / step);
  const row = Math.floor((y - cellsTop(box)) / step);
  if (column < 0 || column >= box.columns || row < 0) return undefined;
  const slot = row * box.columns + column;
  for (const cell of box.machine.cells.values()) if (cell.slot === slot && cell.leftAt === undefined) return cell;
  return undefined;
}
