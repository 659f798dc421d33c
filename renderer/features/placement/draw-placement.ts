// Draws the map. Colour says state (or namespace, or workload); shape always says state as well: full squares run,
// hollow ones wait, crossed ones failed, dashed ones are going.
import { podTone } from '../../../api/console/index.ts';
import { createAfar } from './draw-afar.ts';
import { boxPadding, cellSize, headHeight, slotRect, type Box, type Rect } from './placement-layout.ts';
import { trayName, type Cell } from './placement-model.ts';
import type { Palette } from './palette.ts';
import { visiblePart } from './placement-view.ts';
import { drawShape, presence, shapeScale, square, type Scene } from './scene.ts';

const leavingAlpha = 0.28;

/** Below these scales details would be noise. */
const textScale = 0.55;
const slotScale = 0.5;

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && a.x + a.width > b.x && a.y < b.y + b.height && a.y + a.height > b.y;
}

/** Where a pod would be: a dashed square with a core, unlike anything that is there. */
function drawGhost(context: CanvasRenderingContext2D, rect: Rect, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.8;
  context.setLineDash([2.5, 2]);
  square(context, { x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 2 }, 1);
  context.stroke();
  context.setLineDash([]);
  context.fillRect(rect.x + 4, rect.y + 4, rect.width - 8, rect.height - 8);
}

function drawCell(context: CanvasRenderingContext2D, box: Box, cell: Cell, scene: Scene): void {
  const here = presence(cell, scene);
  if (here === 0) return;
  const rect = slotRect(box, cell.slot);
  const colour = scene.colourOf(cell);
  const isGhost = scene.ghosts?.has(cell.pod.uid) === true;
  const fades = scene.leaving?.has(cell.pod.uid) === true ? leavingAlpha : 1;
  context.globalAlpha = here * fades * (scene.isLit(cell) ? 1 : 0.14);
  context.fillStyle = colour;
  if (isGhost) drawGhost(context, rect, colour);
  else if (scene.view.scale < shapeScale) context.fillRect(rect.x, rect.y, rect.width, rect.height);
  else drawShape(context, podTone[cell.pod.state], rect, colour, scene.palette);
  context.globalAlpha = 1;
  drawRing(context, rect, cell, scene);
}

/** Around the cell that is chosen or pointed at. */
function drawRing(context: CanvasRenderingContext2D, rect: Rect, cell: Cell, scene: Scene): void {
  if (cell.pod.uid !== scene.selected && cell.pod.uid !== scene.hovered) return;
  context.strokeStyle = cell.pod.uid === scene.selected ? scene.palette.focus : scene.palette.text;
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(rect.x - 2.5, rect.y - 2.5, rect.width + 5, rect.height + 5, 5);
  context.stroke();
}

function drawBar(context: CanvasRenderingContext2D, rect: Rect, share: number, palette: Palette): void {
  context.fillStyle = palette.track;
  context.beginPath();
  context.roundRect(rect.x, rect.y, rect.width, rect.height, 2);
  context.fill();
  context.fillStyle = share >= 0.95 ? palette.bad : share >= 0.8 ? palette.warn : palette.accent;
  context.beginPath();
  context.roundRect(rect.x, rect.y, Math.max(share > 0 ? 2 : 0, rect.width * Math.min(1, share)), rect.height, 2);
  context.fill();
}

function drawBars(context: CanvasRenderingContext2D, box: Box, { palette, view, barLabels }: Scene): void {
  const { node } = box.machine;
  if (node === undefined) return;
  const half = (box.width - 2 * boxPadding - 12) / 2;
  const top = box.y + boxPadding + headHeight;
  const bars = [
    { label: barLabels.cpu, share: node.cpuMilli ? node.cpuRequestedMilli / node.cpuMilli : 0 },
    { label: barLabels.memory, share: node.memoryBytes ? node.memoryRequestedBytes / node.memoryBytes : 0 },
  ];
  bars.forEach(({ label, share }, index) => {
    const x = box.x + boxPadding + index * (half + 12);
    drawBar(context, { x, y: top + 11, width: half, height: 4 }, share, palette);
    if (view.scale < textScale) return;
    context.fillStyle = palette.faint;
    context.font = `9px ${palette.font}`;
    context.textAlign = 'left';
    context.fillText(label, x, top + 6);
    context.textAlign = 'right';
    context.fillText(`${Math.round(share * 100)}%`, x + half, top + 6);
  });
}

/** Texts cut to a width, and widths of texts: measuring takes longer than drawing. */
const fitted = new Map<string, string>();
const mostFitted = 20_000;

function fitText(context: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${context.font} ${Math.round(width)} ${text}`;
  let found = fitted.get(key);
  if (found !== undefined) return found;
  found = text;
  for (let length = text.length; context.measureText(found).width > width && length > 1; length--)
    found = `${text.slice(0, length)}…`;
  if (fitted.size >= mostFitted) fitted.clear();
  fitted.set(key, found);
  return found;
}

/** The verdict's words where the bars are, behind a mark of its colour. */
function drawVerdict(
  context: CanvasRenderingContext2D,
  box: Box,
  { colour, text }: { readonly colour: string; readonly text: string },
  { palette, view }: Scene,
): void {
  const top = box.y + boxPadding + headHeight;
  const width = box.width - 2 * boxPadding;
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(box.x + boxPadding, top - 1, view.scale < textScale ? width : 4, 15, 2);
  context.fill();
  if (view.scale < textScale) return;
  context.fillStyle = palette.text;
  context.font = `11px ${palette.font}`;
  context.textAlign = 'left';
  context.fillText(fitText(context, text, width - 10), box.x + boxPadding + 10, top + 10);
}

function drawHead(context: CanvasRenderingContext2D, box: Box, scene: Scene): void {
  const { palette, view, trayLabel } = scene;
  if (view.scale < textScale / 2.2) return;
  const { machine } = box;
  const isTray = machine.name === trayName;
  const figure = machine.node && !isTray ? `${machine.node.pods}/${machine.node.podLimit}` : String(machine.cells.size);
  // Far away, names grow against the map so that they can still be read.
  const size = Math.min(17, Math.max(12, 12 * (textScale / view.scale)));
  const baseline = box.y + boxPadding + 11;
  context.font = `400 ${size * 0.9}px ${palette.font}`;
  const figureWidth = context.measureText(figure).width;
  context.fillStyle = palette.faint;
  context.textAlign = 'right';
  context.fillText(figure, box.x + box.width - boxPadding, baseline);
  const ready = machine.node?.state === 'ready';
  const mark = isTray ? 0 : 14;
  if (!isTray)
    drawMark(
      context,
      box.x + boxPadding + 4,
      baseline - 4,
      machine.node === undefined || !ready,
      machine.node?.cordoned === true,
      palette,
    );
  context.font = `600 ${size}px ${palette.font}`;
  context.fillStyle = palette.text;
  context.textAlign = 'left';
  const room = box.width - 2 * boxPadding - figureWidth - mark - 8;
  context.fillText(fitText(context, isTray ? trayLabel : machine.name, room), box.x + boxPadding + mark, baseline);
}

function drawMark(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  down: boolean,
  cordoned: boolean,
  palette: Palette,
): void {
  context.beginPath();
  if (down) {
    context.moveTo(x, y - 5);
    context.lineTo(x + 5, y);
    context.lineTo(x, y + 5);
    context.lineTo(x - 5, y);
    context.closePath();
    context.fillStyle = palette.bad;
    context.fill();
  } else if (cordoned) {
    context.arc(x, y, 3.4, 0, 2 * Math.PI);
    context.strokeStyle = palette.idle;
    context.lineWidth = 1.6;
    context.stroke();
  } else {
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.fillStyle = palette.good;
    context.fill();
  }
}

function drawBox(context: CanvasRenderingContext2D, box: Box, scene: Scene): void {
  const { palette, view } = scene;
  const { node, name } = box.machine;
  const isTray = name === trayName;
  const down = !isTray && node?.state !== 'ready';
  const isOut = scene.out?.has(name) === true;
  const verdict = isTray ? undefined : scene.verdicts?.get(name);
  context.beginPath();
  context.roundRect(box.x, box.y, box.width, box.height, 8);
  context.fillStyle = down ? palette.badSoft : palette.surface;
  context.fill();
  if (verdict !== undefined) {
    context.globalAlpha = palette.dark ? 0.2 : 0.14;
    context.fillStyle = verdict.colour;
    context.fill();
    context.globalAlpha = 1;
  }
  context.strokeStyle =
    name === scene.selected ? palette.focus : (verdict?.colour ?? (down || isOut ? palette.bad : palette.border));
  context.lineWidth = (name === scene.selected && !isTray ? 2.5 : 1) / Math.max(0.4, Math.min(1, view.scale));
  if (isTray || isOut || node?.cordoned) context.setLineDash([5, 4]);
  context.stroke();
  context.setLineDash([]);
  drawHead(context, box, scene);
  if (verdict === undefined) drawBars(context, box, scene);
  else drawVerdict(context, box, verdict, scene);
  if (view.scale >= slotScale) {
    const taken = new Set<number>();
    for (const { slot } of box.machine.cells.values()) taken.add(slot);
    context.fillStyle = palette.slot;
    for (let slot = 0; slot < box.slots; slot++) {
      if (taken.has(slot)) continue;
      const { x, y } = slotRect(box, slot);
      context.fillRect(x + cellSize / 2 - 1, y + cellSize / 2 - 1, 2, 2);
    }
  }
  for (const cell of box.machine.cells.values()) drawCell(context, box, cell, scene);
}

/** From so many cells in sight on the map is drawn pixel by pixel. */
const manyCells = 1200;
/** Beyond so many boxes names would be a blur. */
const mostNamed = 260;
const afar = createAfar();

/** Over the pixels: names and words where they can be read, and rings. */
function drawNames(context: CanvasRenderingContext2D, boxes: readonly Box[], scene: Scene): void {
  for (const box of boxes) {
    if (boxes.length <= mostNamed) {
      const verdict = scene.verdicts?.get(box.machine.name);
      drawHead(context, box, scene);
      if (verdict !== undefined) drawVerdict(context, box, verdict, scene);
    }
    for (const uid of [scene.selected, scene.hovered]) {
      const cell = uid === undefined ? undefined : box.machine.cells.get(uid);
      if (cell !== undefined) drawRing(context, slotRect(box, cell.slot), cell, scene);
    }
  }
}

/** Draws the scene; `ratio` is the screen's pixels per unit. */
export function drawPlacement(context: CanvasRenderingContext2D, scene: Scene, ratio: number): void {
  const { view, size, layout } = scene;
  const visible = visiblePart(view, size);
  const boxes = layout.boxes.filter((box) => overlaps(box, visible));
  const isFar = boxes.reduce((sum, { machine }) => sum + machine.cells.size, 0) >= manyCells;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (isFar) afar.draw(context, boxes, scene, ratio);
  else context.clearRect(0, 0, size.width, size.height);
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  context.textBaseline = 'alphabetic';
  if (isFar) drawNames(context, boxes, scene);
  else for (const box of boxes) drawBox(context, box, scene);
}
