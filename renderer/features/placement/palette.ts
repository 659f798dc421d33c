// The map's colours, read from the design's tokens so that both themes reach the canvas.
import type { Tone } from '../../../api/console/index.ts';

export interface Palette {
  readonly tones: Readonly<Record<Tone, string>>;
  /** What lies between the boxes. */
  readonly ground: string;
  readonly surface: string;
  readonly border: string;
  readonly text: string;
  readonly faint: string;
  readonly track: string;
  readonly slot: string;
  readonly accent: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  readonly badSoft: string;
  readonly idle: string;
  readonly focus: string;
  readonly font: string;
  readonly dark: boolean;
}

/** The colours as they are now; read again when the theme changes. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const [good, busy, warn, bad, idle] = ['good', 'busy', 'warn', 'bad', 'idle'].map((tone) => token(`${tone}-fill`));
  return {
    tones: { good: good ?? '', busy: busy ?? '', warn: warn ?? '', bad: bad ?? '', idle: idle ?? '' },
    ground: token('surface-sunken'),
    surface: token('surface'),
    border: token('border-strong'),
    text: token('text'),
    faint: token('text-faint'),
    track: token('idle-soft'),
    slot: token('border-strong'),
    accent: token('accent-fill'),
    good: good ?? '',
    warn: warn ?? '',
    bad: bad ?? '',
    badSoft: token('bad-soft'),
    idle: idle ?? '',
    focus: token('focus'),
    font: token('font'),
    dark: document.documentElement.dataset['theme'] === 'dark',
  };
}

/** A steady colour for a name: the same name has the same hue in every session. */
export function colourOfName(name: string, dark: boolean): string {
  const known = colours[dark ? 'dark' : 'light'];
  let colour = known.get(name);
  if (colour === undefined) known.set(name, (colour = hueOf(name, dark)));
  return colour;
}

/** The colour of a class of service: as far from each other as three hues can be. */
export function colourOfQos(name: string | undefined, dark: boolean): string {
  const hue = { Guaranteed: 150, Burstable: 265, BestEffort: 45 }[name ?? ''];
  return hue === undefined ? colourOfName(name ?? '', dark) : `oklch(${dark ? 0.7 : 0.62} 0.13 ${hue})`;
}

const colours = { dark: new Map<string, string>(), light: new Map<string, string>() };

function hueOf(name: string, dark: boolean): string {
  let hash = 2166136261; // FNV-1a
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
  const hue = (hash >>> 0) % 360;
  return `oklch(${dark ? 0.7 : 0.62} 0.13 ${hue})`;
}
