// A replay as lines of a picture of 0…1 in both directions, time to the right and more upwards. Pure.
import type { ReplayPoint } from '../../../api/console/index.ts';

export interface ReplayPicture {
  /** SVG paths; numbers of pods change in steps. Empty where nothing is known. */
  readonly recorded: string;
  readonly proposed: string;
  /** The CPU that was used, as an area. */
  readonly load: string;
  readonly mostPods: number;
  readonly mostCpuMilli: number;
}

/** Where points lie further apart than this share of the whole, or than three of the usual steps, nothing was recorded. */
const gapShare = 0.02;

/** Draws the points between two moments, in Unix ms. */
export function drawReplay(points: readonly ReplayPoint[], from: number, to: number): ReplayPicture {
  const mostPods = Math.max(1, ...points.flatMap(({ recorded, proposed }) => [recorded, proposed ?? 0]));
  const mostCpuMilli = Math.max(1, ...points.map(({ cpuMilli }) => cpuMilli));
  const x = (at: number): string => (((at - from) / Math.max(1, to - from)) * 100).toFixed(2);
  const y = (share: number): string => ((1 - share) * 100).toFixed(2);
  const runs = runsOf(points, (to - from) * gapShare);
  const steps = (pick: (point: ReplayPoint) => number | undefined): string =>
    runs
      .flatMap((run) => {
        let path = '';
        for (const point of run) {
          const value = pick(point);
          if (value === undefined) continue;
          const [across, up] = [x(point.at), y(value / mostPods)];
          path += path === '' ? `M${across} ${up}` : `H${across}V${up}`;
        }
        return path === '' ? [] : [path];
      })
      .join('');
  const load = runs
    .map((run) => {
      const top = run.map(({ at, cpuMilli }) => `L${x(at)} ${y(cpuMilli / mostCpuMilli)}`).join('');
      return `M${x(run[0]?.at ?? from)} 100${top}L${x(run.at(-1)?.at ?? to)} 100Z`;
    })
    .join('');
  return {
    recorded: steps(({ recorded }) => recorded),
    proposed: steps(({ proposed }) => proposed),
    load,
    mostPods,
    mostCpuMilli,
  };
}

/** Points that belong together: a gap in the record is no line. */
function runsOf(points: readonly ReplayPoint[], gapMs: number): ReplayPoint[][] {
  const distances = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at));
  const usual = distances.toSorted((left, right) => left - right)[Math.floor(distances.length / 2)] ?? 0;
  const longest = Math.max(gapMs, usual * 3);
  const runs: ReplayPoint[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    if (run === undefined || point.at - (run.at(-1)?.at ?? 0) > longest) runs.push([point]);
    else run.push(point);
  }
  return runs;
}
