// What a picture of the map is drawn from, and what every way of drawing it shares.
import type { Tone } from '../../../api/console/index.ts';
import { cellSize, type Layout, type Rect } from './placement-layout.ts';
import { fadeMs, type Cell } from './placement-model.ts';
import type { Palette } from './palette.ts';
import type { View, WindowSize } from './placement-view.ts';

export interface Scene {
  readonly layout: Layout;
  readonly view: View;
  readonly size: WindowSize;
  readonly palette: Palette;
  readonly nowMs: number;
  readonly reducedMotion: boolean;
  /** The fill of a cell, by what the person colours by. */
  colourOf(cell: Cell): string;
  /** Whether a search leaves this cell lit. */
  isLit(cell: Cell): boolean;
  readonly selected?: string;
  readonly hovered?: string;
  readonly trayLabel: string;
  readonly barLabels: { readonly cpu: string; readonly memory: string };
  /** What each machine says of the pod that is asked about, in place of its bars. */
  readonly verdicts?: ReadonlyMap<string, { readonly colour: string; readonly text: string }>;
  /** Cells that a rehearsal adds, and those it would take away; machines that it empties. */
  readonly ghosts?: ReadonlySet<string>;
  readonly leaving?: ReadonlySet<string>;
  readonly out?: ReadonlySet<string>;
}

/** Below this scale a cell is a plain square. */
export const shapeScale = 0.45;

/** How much of a cell is there: less while it comes or goes. */
export function presence({ bornAt, leftAt }: Cell, { nowMs, reducedMotion }: Scene): number {
  if (reducedMotion) return leftAt === undefined ? 1 : 0;
  const born = Math.min(1, (nowMs - bornAt) / fadeMs);
  const left = leftAt === undefined ? 1 : Math.max(0, 1 - (nowMs - leftAt) / fadeMs);
  return Math.max(0, Math.min(born, left));
}

/** The outline of a cell, with round corners from near. */
export function square(context: CanvasRenderingContext2D, rect: Rect, scale: number): void {
  context.beginPath();
  if (scale < shapeScale) context.rect(rect.x, rect.y, rect.width, rect.height);
  else context.roundRect(rect.x, rect.y, rect.width, rect.height, 3);
}

/** A cell in the shape of its tone; the fill is set already. */
export function drawShape(
  context: CanvasRenderingContext2D,
  tone: Tone,
  rect: Rect,
  colour: string,
  palette: Palette,
): void {
  const inset = { x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 2 };
  context.lineWidth = 2;
  if (tone === 'good') {
    square(context, rect, 1);
    context.fill();
    return;
  }
  context.strokeStyle = colour;
  square(context, inset, 1);
  if (tone === 'bad') {
    context.fill();
    context.strokeStyle = palette.surface;
    context.lineWidth = 1.8;
    context.beginPath();
    context.moveTo(rect.x + 4, rect.y + 4);
    context.lineTo(rect.x + cellSize - 4, rect.y + cellSize - 4);
    context.moveTo(rect.x + cellSize - 4, rect.y + 4);
    context.lineTo(rect.x + 4, rect.y + cellSize - 4);
    context.stroke();
    return;
  }
  if (tone === 'idle') context.setLineDash([3, 2]);
  context.stroke();
  context.setLineDash([]);
  if (tone !== 'busy') return;
  context.beginPath();
  context.arc(rect.x + cellSize / 2, rect.y + cellSize / 2, 2.2, 0, 2 * Math.PI);
  context.fill();
}
