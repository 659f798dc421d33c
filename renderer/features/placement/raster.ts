// Pixels of the map seen from afar, written straight into an image: tens of thousands of cells cost a few milliseconds,
// whatever their colours are. Colours are numbers as the image holds them; whoever draws names them once.

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** The whole image in one colour. */
  clear(colour: number): void;
  /** A rectangle in the image's pixels; what lies outside is cut off. */
  fill(left: number, top: number, right: number, bottom: number, colour: number): void;
  /** A small picture, blended over what is there with `alpha` (0 to 1). */
  stamp(left: number, top: number, picture: ImageData, alpha: number): void;
  show(context: CanvasRenderingContext2D): void;
}

const narrow = 24;

/** An image of this size; made anew only when the size changes. */
export function createRaster(width: number, height: number): Raster {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  return {
    width,
    height,
    clear: (colour) => void pixels.fill(colour),
    fill(left, top, right, bottom, colour) {
      const from = Math.max(0, left);
      const to = Math.min(width, right);
      if (from >= to) return;
      const last = Math.min(height, bottom);
      for (let y = Math.max(0, top); y < last; y++) {
        const start = y * width + from;
        const end = y * width + to;
        // A call costs more than a few pixels do.
        if (end - start > narrow) pixels.fill(colour, start, end);
        else for (let at = start; at < end; at++) pixels[at] = colour;
      }
    },
    stamp(left, top, picture, alpha) {
      const own = new Uint32Array(picture.data.buffer);
      for (let y = Math.max(0, -top); y < picture.height && top + y < height; y++) {
        for (let x = Math.max(0, -left); x < picture.width && left + x < width; x++) {
          const colour = own[y * picture.width + x]!;
          const share = (colour >>> 24) * alpha;
          if (share < 1) continue;
          const at = (top + y) * width + left + x;
          pixels[at] = share >= 255 ? colour : blend(pixels[at]!, colour, share / 255);
        }
      }
    },
    show: (context) => context.putImageData(image, 0, 0),
  };
}

/** `share` (0 to 1) of one colour over another; the result is opaque. */
export function blend(under: number, over: number, share: number): number {
  const mix = (shift: number): number => {
    const low = (under >>> shift) & 255;
    return Math.round(low + (((over >>> shift) & 255) - low) * share) << shift;
  };
  return (mix(0) | mix(8) | mix(16) | 0xff000000) >>> 0;
}

/** Colours as style sheets write them, as numbers of an image; each is worked out once. */
export function createInks(): (colour: string) => number {
  const known = new Map<string, number>();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (colour) => {
    let ink = known.get(colour);
    if (ink === undefined) {
      if (context === null) return 0xff000000;
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      ink = new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0] ?? 0xff000000;
      known.set(colour, ink);
    }
    return ink;
  };
}
