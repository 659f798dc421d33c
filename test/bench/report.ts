// What a benchmark says: rows of figures with their bars, as a table for people and JSON for machines.

/** One figure. `bar` is what was asked for; `ok` is undefined where there is none. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 's' | 'ms' | 'MB' | 'MB/s' | '/s' | '×' | 'KB' | '%' | '';
  readonly bar?: { readonly atMost?: number; readonly atLeast?: number };
  readonly note?: string;
}

/** One part of the benchmark. */
export interface Section {
  readonly name: string;
  readonly describe: string;
  run(log: (line: string) => void): Promise<Figure[]>;
}

/** Whether the figure keeps its bar; undefined without one. */
export function keepsBar({ value, bar }: Figure): boolean | undefined {
  if (bar === undefined) return undefined;
  // A figure that could not be measured keeps no bar: NaN compares with nothing.
  return value <= (bar.atMost ?? Infinity) && value >= (bar.atLeast ?? -Infinity);
}

function formatBar(figure: Figure): string {
  if (figure.bar?.atMost !== undefined) return `≤ ${figure.bar.atMost} ${figure.unit}`;
  if (figure.bar?.atLeast !== undefined) return `≥ ${figure.bar.atLeast} ${figure.unit}`;
  return '';
}

/** The figures as lines of a table. */
export function formatFigures(section: string, figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const ok = keepsBar(figure);
    const mark = ok === undefined ? ' ' : ok ? '✔' : '✘';
    const value = `${figure.value.toFixed(figure.value < 10 ? 2 : figure.value < 100 ? 1 : 0)} ${figure.unit}`;
    return `  ${mark} ${figure.name.padEnd(58)} ${value.padStart(12)}  ${formatBar(figure).padEnd(12)} ${figure.note ?? ''}`.trimEnd();
  });
  return [section, ...rows].join('\n');
}
