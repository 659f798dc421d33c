import { beforeAll, describe, expect, it, vi } from 'vitest';
import { blend, createRaster } from './raster.ts';

class Picture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.data = new Uint8ClampedArray(width * height * 4);
  }
}

const white = 0xffffffff;
const black = 0xff000000;

describe('the raster', () => {
  beforeAll(() => void vi.stubGlobal('ImageData', Picture));

  /** The image as letters: what is white, what is black, what is between. */
  function seen(draw: (raster: ReturnType<typeof createRaster>) => void): string[] {
    const raster = createRaster(4, 3);
    raster.clear(white);
    draw(raster);
    let shown: Picture | undefined;
    raster.show({ putImageData: (image: Picture) => (shown = image) } as unknown as CanvasRenderingContext2D);
    const pixels = new Uint32Array(shown!.data.buffer);
    return Array.from({ length: 3 }, (_none, y) =>
      [...pixels.slice(y * 4, y * 4 + 4)].map((one) => (one === white ? '.' : one === black ? '#' : '+')).join(''),
    );
  }

  it('fills rectangles and cuts off what lies outside', () => {
    expect(seen((raster) => raster.fill(1, 1, 3, 2, black))).toEqual(['....', '.##.', '....']);
    expect(seen((raster) => raster.fill(-5, 2, 2, 99, black))).toEqual(['....', '....', '##..']);
    expect(seen((raster) => raster.fill(4, 0, 9, 3, black))).toEqual(['....', '....', '....']);
  });

  it('stamps a picture over it, cut off at every edge, and lets through where the picture is clear', () => {
    const picture = new Picture(2, 2);
    new Uint32Array(picture.data.buffer).set([black, 0, black, black]);
    const stamp = picture as unknown as ImageData;
    expect(seen((raster) => raster.stamp(1, 0, stamp, 1))).toEqual(['.#..', '.##.', '....']);
    expect(seen((raster) => raster.stamp(-1, -1, stamp, 1))).toEqual(['#...', '....', '....']);
    expect(seen((raster) => raster.stamp(3, 2, stamp, 1))).toEqual(['....', '....', '...#']);
    expect(seen((raster) => raster.stamp(1, 0, stamp, 0.5))).toEqual(['.+..', '.++.', '....']);
  });

  it('mixes colours by share', () => {
    expect(blend(black, white, 0)).toBe(black);
    expect(blend(black, white, 1)).toBe(white);
    expect(blend(black, white, 0.5)).toBe(0xff808080);
  });
});
