// Looking at the map: how it is scaled and shifted into the window, and how that changes. Pure.
import type { Layout, LayoutRoom, Rect } from './placement-layout.ts';

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface WindowSize {
  readonly width: number;
  readonly height: number;
}

const margin = 20;
const largestFit = 1.5;
const largest = 6;
const smallest = 0.04;

/** What there is to lay the map out in. */
export function roomOf(size: WindowSize): LayoutRoom {
  return { width: size.width - 2 * margin, height: size.height - 2 * margin, largestScale: largestFit };
}

/** The whole map in the window, not blown up beyond comfort. */
export function fit(layout: Layout, size: WindowSize): View {
  const room = roomOf(size);
  if (layout.width <= 0 || room.width <= 0 || room.height <= 0) return { scale: 1, x: margin, y: margin };
  const scale = Math.min(largestFit, room.width / layout.width, room.height / layout.height);
  return { scale, x: Math.max(margin, (size.width - layout.width * scale) / 2), y: margin };
}

/** Zooms by a factor around a point of the window, which stays where it is. */
export function zoomAt(view: View, factor: number, x: number, y: number): View {
  const scale = Math.min(largest, Math.max(smallest, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
}

/** Shifts the view, keeping some of the map in the window. */
export function pan(view: View, dx: number, dy: number, layout: Layout, size: WindowSize): View {
  const keep = 80;
  const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
  return {
    scale: view.scale,
    x: clamp(view.x + dx, keep - layout.width * view.scale, size.width - keep),
    y: clamp(view.y + dy, keep - layout.height * view.scale, size.height - keep),
  };
}

/** From a point of the window to one of the map. */
export function toMap(view: View, x: number, y: number): { x: number; y: number } {
  return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale };
}

/** The part of the map that the window shows. */
export function visiblePart(view: View, size: WindowSize): Rect {
  const { x, y } = toMap(view, 0, 0);
  return { x, y, width: size.width / view.scale, height: size.height / view.scale };
}

/** The view shifted just enough to show a rectangle of the map. */
export function reveal(view: View, rect: Rect, size: WindowSize): View {
  const left = rect.x * view.scale + view.x;
  const top = rect.y * view.scale + view.y;
  const right = left + rect.width * view.scale;
  const bottom = top + rect.height * view.scale;
  const shift = (low: number, high: number, end: number): number =>
    low < margin ? margin - low : high > end - margin ? Math.max(end - margin - high, margin - low) : 0;
  return { scale: view.scale, x: view.x + shift(left, right, size.width), y: view.y + shift(top, bottom, size.height) };
}
