import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diffOfLines } from './line-diff.ts';
import { readableLine } from './log-text.ts';
import { nextSort, sortRows, type TableColumn } from './table-sort.ts';
import { fitTracks } from './table-tracks.ts';

describe('table tracks', () => {
  const tracks = ['minmax(150px, 2fr)', '1fr', '64px'];

  it('are as asked for while there is room', () => {
    expect(fitTracks(tracks, 278)).toBe('minmax(150px, 2fr) 1fr 64px');
  });

  it('let flexible columns shrink before any is cut off, and keep fixed ones', () => {
    expect(fitTracks(tracks, 277)).toBe('minmax(0, 150fr) minmax(0, 1fr) 64px');
  });
});

describe('sorting rows', () => {
  const columns: TableColumn<{ name: string; size: number }>[] = [
    { id: 'name', label: '', width: '', sortBy: ({ name }) => name },
    { id: 'size', label: '', width: '', sortBy: ({ size }) => size },
    { id: 'note', label: '', width: '' },
  ];
  const rows = [
    { name: 'b-10', size: 1 },
    { name: 'B-2', size: 3 },
    { name: 'a', size: 2 },
  ];
  const names = (column: string, descending: boolean): string[] =>
    sortRows(rows, columns, { column, descending }).map(({ name }) => name);

  it('orders words as people do and numbers by size', () => {
    expect(names('name', false)).toEqual(['a', 'B-2', 'b-10']);
    expect(names('size', true)).toEqual(['B-2', 'a', 'b-10']);
  });

  it('leaves rows as they are for a column that cannot be sorted', () => {
    expect(names('note', true)).toEqual(rows.map(({ name }) => name));
  });

  it('turns around on the second click', () => {
    const first = nextSort(undefined, 'name');
    expect([first, nextSort(first, 'name'), nextSort(first, 'size')].map(({ descending }) => descending)).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('differences of lines', () => {
  it('fold what is far from any change', () => {
    const lines = Array.from({ length: 20 }, (_none, index) => `line ${index}`);
    const after = lines.with(10, 'changed');
    const parts = diffOfLines(lines.join('\n'), after.join('\n'));
    expect(parts.map(({ kind }) => kind)).toEqual([
      'folded',
      'kept',
      'kept',
      'kept',
      'removed',
      'added',
      'kept',
      'kept',
      'kept',
      'folded',
    ]);
  });

  it('keep short texts whole', () => {
    expect(diffOfLines('a\nb\n', 'a\nc\n').map(({ kind }) => kind)).toEqual(['kept', 'removed', 'added']);
  });
});

describe('log lines', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007text', 'text'],
    ['bell\u0007', 'bell\ufffd'],
    ['tab\tstays', 'tab\tstays'],
    ['abc\u202egnp.exe', 'abc\ufffdgnp.exe'],
  ])('are shown inert: %j', (text, shown) => {
    expect(readableLine(text)).toBe(shown);
  });
});

describe('the colours', () => {
  const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
  const tokensOf = (theme: 'light' | 'dark'): Map<string, string> => {
    const block = css.slice(css.indexOf(`data-theme='${theme}'`)).split('}')[0] ?? '';
    return new Map(
      [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name ?? '', value ?? '']),
    );
  };
  const luminance = (hex: string): number => {
    const channel = (at: number): number => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  };
  const contrast = (a: string, b: string): number => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
    return (light + 0.05) / (dark + 0.05);
  };
  const surfaces = ['bg', 'surface', 'surface-sunken', 'surface-hover', 'surface-raised'];
  const texts = ['text', 'text-soft', 'text-faint', 'accent', 'good', 'warn', 'bad', 'busy', 'idle'];
  const pairs = [
    ...surfaces.flatMap((surface) => texts.map((text) => [text, surface])),
    ...['good', 'warn', 'bad', 'busy', 'idle', 'accent'].map((tone) => [tone, `${tone}-soft`]),
    ['on-accent', 'accent-fill'],
    ['on-accent', 'accent-fill-hover'],
    ['text', 'added'],
    ['text', 'removed'],
  ] as [string, string][];

  it.each(['light', 'dark'] as const)('of the %s theme can be read (AA)', (theme) => {
    const tokens = tokensOf(theme);
    const poor = pairs.filter(
      ([text, ground]) => contrast(tokens.get(text) ?? '#000000', tokens.get(ground) ?? '#000000') < 4.5,
    );
    expect(poor).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('of the %s theme show controls and marks (3:1)', (theme) => {
    const tokens = tokensOf(theme);
    const names = ['control-border', 'good-fill', 'busy-fill', 'bad-fill', 'focus', 'accent-fill'];
    const poor = names.filter(
      (name) => contrast(tokens.get(name) ?? '#000000', tokens.get('surface') ?? '#000000') < 2.99,
    );
    expect(poor).toEqual([]);
  });
});
