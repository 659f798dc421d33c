import { describe, expect, it } from 'vitest';
import { createMeans } from './means.ts';
import { encodeRound, sumRounds, type Figures, type Summed } from './round.ts';

const figures = (cpuMilli: number, rest: Partial<Figures> = {}): Figures => ({
  cpuMilli,
  memoryBytes: 1024,
  networkBytesPerSecond: Number.NaN,
  diskBytes: Number.NaN,
  ...rest,
});

async function read(bytes: Uint8Array, isWanted: (series: string) => boolean, piece = 7): Promise<Summed[]> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  const found: Summed[] = [];
  for await (const round of sumRounds(pieces(), isWanted)) found.push(round);
  return found;
}

describe('rounds of usage', () => {
  const numbers = new Map<string, number>();
  const first = encodeRound({ time: 1000, figures: new Map([['pod/a/x', figures(5)]]) }, numbers);
  const second = encodeRound(
    {
      time: 2000,
      figures: new Map([
        ['pod/a/y', figures(20, { networkBytesPerSecond: 9 })],
        ['pod/a/x', figures(7)],
        ['node/n', figures(100)],
      ]),
    },
    numbers,
  );
  const third = encodeRound({ time: 3000, figures: new Map([['pod/a/y', figures(1)]]) }, numbers);
  const file = Buffer.concat([first, second, third]);

  it('are summed over the wanted series, in pieces of any size', async () => {
    for (const piece of [1, 7, 64, 10_000]) {
      const found = await read(file, (series) => series.startsWith('pod/'), piece);
      expect(found).toEqual([
        { time: 1000, series: 1, ...figures(5) },
        { time: 2000, series: 2, ...figures(27, { memoryBytes: 2048, networkBytesPerSecond: 9 }) },
        { time: 3000, series: 1, ...figures(1) },
      ]);
    }
  });

  it('end where a process was killed in the middle of one', async () => {
    const found = await read(file.subarray(0, file.length - 3), (series) => series === 'node/n');
    expect(found.map(({ time, series, cpuMilli }) => [time, series, cpuMilli])).toEqual([
      [1000, 0, Number.NaN],
      [2000, 1, 100],
    ]);
  });

  it('have means whose sum is the mean of sums, also with pods that came and went', () => {
    const means = createMeans();
    means.add(new Map([['pod/a/x', figures(10)]]));
    means.add(new Map([['pod/a/y', figures(30, { networkBytesPerSecond: 8 })]]));
    const taken = means.take();
    expect([...taken.values()].reduce((sum, { cpuMilli }) => sum + cpuMilli, 0)).toBe(20);
    expect(taken.get('pod/a/y')).toEqual(figures(15, { memoryBytes: 512, networkBytesPerSecond: 4 }));
    expect(taken.get('pod/a/x')?.networkBytesPerSecond).toBeNaN();
  });
});
