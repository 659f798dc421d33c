// The map when thousands of cells are in sight: boxes, bars and cells go into an image pixel by pixel; cells large
// enough to have a shape are stamped with it. Names and words are drawn over it by whoever draws the map from near.
import { podTone } from '../../../api/console/index.ts';
import { boxPadding, cellSize, headHeight, slotRect, type Box, type Rect } from './placement-layout.ts';
import { trayName, type Cell } from './placement-model.ts';
import { blend, createInks, createRaster, type Raster } from './raster.ts';
import { drawShape, presence, type Scene, shapeScale } from './scene.ts';

export interface Afar {
  /** Draws these boxes over the whole picture. */
  draw(context: CanvasRenderingContext2D, boxes: readonly Box[], scene: Scene, ratio: number): void;
}

const dimmed = 0.14;
const leavingAlpha = 0.28;

/** Draws from afar, keeping its image and stamps between pictures. */
export function createAfar(): Afar {
  const ink = createInks();
  let raster: Raster | undefined;
  let stampSize = 0;
  let stamps = new Map<string, ImageData>();

  const stampOf = (colour: string, tone: Parameters<typeof drawShape>[1], scene: Scene): ImageData | undefined => {
    const key = `${tone} ${colour}`;
    const known = stamps.get(key);
    if (known !== undefined) return known;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = stampSize;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) return undefined;
    context.scale(stampSize / cellSize, stampSize / cellSize);
    context.fillStyle = colour;
    drawShape(context, tone, { x: 0, y: 0, width: cellSize, height: cellSize }, colour, scene.palette);
    const made = context.getImageData(0, 0, stampSize, stampSize);
    stamps.set(key, made);
    return made;
  };

  function drawBox(target: Raster, box: Box, scene: Scene, ratio: number): void {
    const { palette, view } = scene;
    const { node, name, cells } = box.machine;
    const scale = view.scale * ratio;
    const [shiftX, shiftY] = [view.x * ratio, view.y * ratio];
    const fill = ({ x, y, width, height }: Rect, colour: number): void => {
      const [left, top] = [Math.round(x * scale + shiftX), Math.round(y * scale + shiftY)];
      const right = Math.max(left + 1, Math.round((x + width) * scale + shiftX));
      target.fill(left, top, right, Math.max(top + 1, Math.round((y + height) * scale + shiftY)), colour);
    };
    const isTray = name === trayName;
    const down = !isTray && node?.state !== 'ready';
    const isOut = scene.out?.has(name) === true;
    const verdict = isTray ? undefined : scene.verdicts?.get(name);
    const edge =
      name === scene.selected ? palette.focus : (verdict?.colour ?? (down || isOut ? palette.bad : palette.border));
    const plain = ink(down ? palette.badSoft : palette.surface);
    const ground = verdict === undefined ? plain : blend(plain, ink(verdict.colour), palette.dark ? 0.2 : 0.14);
    const line = 1 / view.scale;
    fill(box, ink(edge));
    fill({ x: box.x + line, y: box.y + line, width: box.width - 2 * line, height: box.height - 2 * line }, ground);
    if (node !== undefined && verdict === undefined) drawBars(fill, box, node, scene);
    for (const cell of cells.values()) {
      const rect = slotRect(box, cell.slot);
      const alpha = shown(cell, scene);
      if (alpha === 0) continue;
      const colour = scene.colourOf(cell);
      const stamp = view.scale < shapeScale ? undefined : stampOf(colour, podTone[cell.pod.state], scene);
      if (stamp === undefined) fill(rect, alpha === 1 ? ink(colour) : blend(ground, ink(colour), alpha));
      else target.stamp(Math.round(rect.x * scale + shiftX), Math.round(rect.y * scale + shiftY), stamp, alpha);
    }
  }

  function drawBars(
    fill: (rect: Rect, colour: number) => void,
    box: Box,
    node: NonNullable<Box['machine']['node']>,
    { palette }: Scene,
  ): void {
    const width = (box.width - 2 * boxPadding - 12) / 2;
    const y = box.y + boxPadding + headHeight + 11;
    const shares = [node.cpuRequestedMilli / (node.cpuMilli || 1), node.memoryRequestedBytes / (node.memoryBytes || 1)];
    shares.forEach((share, index) => {
      const x = box.x + boxPadding + index * (width + 12);
      const colour = share >= 0.95 ? palette.bad : share >= 0.8 ? palette.warn : palette.accent;
      fill({ x, y, width, height: 4 }, ink(palette.track));
      if (share > 0) fill({ x, y, width: Math.max(2, width * Math.min(1, share)), height: 4 }, ink(colour));
    });
  }

  return {
    draw(context, boxes, scene, ratio) {
      const width = Math.round(scene.size.width * ratio);
      const height = Math.round(scene.size.height * ratio);
      if (raster?.width !== width || raster.height !== height) raster = createRaster(width, height);
      const size = Math.max(1, Math.round(cellSize * scene.view.scale * ratio));
      if (size !== stampSize) stamps = new Map();
      stampSize = size;
      raster.clear(ink(scene.palette.ground));
      for (const box of boxes) drawBox(raster, box, scene, ratio);
      raster.show(context);
    },
  };
}

function shown(cell: Cell, scene: Scene): number {
  const fades = scene.leaving?.has(cell.pod.uid) === true ? leavingAlpha : 1;
  return presence(cell, scene) * fades * (scene.isLit(cell) ? 1 : dimmed);
}
