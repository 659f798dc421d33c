// Recorded usage as lines of a picture 100 wide and 100 high, time to the right and more upwards, and as the figures that say
// it in words. Where nothing was recorded there is no line, and the missing time is counted. Pure.
import type { UsageFigure, UsageMoment, UsagePast } from '../../api/console/index.ts';

export interface UsagePicture {
  /** SVG paths, empty where the figure is not known. */
  readonly line: string;
  readonly area: string;
  /** What the upper edge stands for. */
  readonly top: number;
  readonly last?: number;
  readonly mean?: number;
  readonly peak?: { readonly value: number; readonly at: number };
}

/** Moments this many usual steps apart, or more, have nothing recorded between them. */
const gapSteps = 3;

interface Known {
  readonly at: number;
  readonly value: number;
}

/** Draws one figure; `least` keeps a line of nearly nothing from filling the picture. */
export function drawUsage({ from, to, moments }: UsagePast, figure: UsageFigure, least: number): UsagePicture {
  const known = moments.flatMap((moment): Known[] => {
    const value = moment[figure];
    return value === undefined ? [] : [{ at: moment.at, value }];
  });
  const [first] = known;
  if (first === undefined) return { line: '', area: '', top: least };
  const peak = known.reduce((most, one) => (one.value > most.value ? one : most), first);
  const top = Math.max(least, peak.value * 1.05);
  const x = (at: number): string => (((at - from) / Math.max(1, to - from)) * 100).toFixed(2);
  const y = (value: number): string => ((1 - value / top) * 100).toFixed(2);
  const runs = runsOf(known, usualStep(moments));
  const through = (run: readonly Known[]): string => run.map(({ at, value }) => `${x(at)} ${y(value)}`).join('L');
  return {
    // A moment alone is a short stroke, or nothing would be seen of it.
    line: runs.map((run) => `M${through(run)}${run.length === 1 ? 'h0.3' : ''}`).join(''),
    area: runs.map((run) => `M${x(run[0]?.at ?? from)} 100L${through(run)}L${x(run.at(-1)?.at ?? to)} 100Z`).join(''),
    top,
    last: known.at(-1)?.value,
    mean: known.reduce((sum, { value }) => sum + value, 0) / known.length,
    peak,
  };
}

/** For how long nothing was recorded, in ms: before the first moment, between moments, and after the last. */
export function unrecordedMs({ from, to, moments }: UsagePast): number {
  const step = usualStep(moments);
  const times = [from, ...moments.map(({ at }) => at), to];
  return times.slice(1).reduce((sum, at, index) => {
    const apart = at - (times[index] ?? at);
    return apart >= step * gapSteps ? sum + apart : sum;
  }, 0);
}

function usualStep(moments: readonly UsageMoment[]): number {
  const apart = moments.slice(1).map(({ at }, index) => at - (moments[index]?.at ?? at));
  return apart.toSorted((left, right) => left - right)[Math.floor(apart.length / 2)] ?? 0;
}

function runsOf(known: readonly Known[], step: number): Known[][] {
  const runs: Known[][] = [];
  for (const one of known) {
    const run = runs.at(-1);
    if (run === undefined || one.at - (run.at(-1)?.at ?? 0) >= step * gapSteps) runs.push([one]);
    else run.push(one);
  }
  return runs;
}
