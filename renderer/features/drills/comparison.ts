// What is predicted of a drill beside what has come of it, as rows of a table. Pure; the words are the component's.
import type { DrillActual, DrillPrediction, DrillVerdict } from '../../../api/console/index.ts';

export type Measure = 'noticed' | 'moved' | 'pending' | 'gone' | 'services' | 'canLose' | 'silence' | 'back';

/** A number of things and their names, a time after the break, a plain number, or nothing at all. */
export type Amount =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'after' | 'lasted'; readonly ms: number }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'never' | 'unknown' };

export interface ComparisonRow {
  readonly uid: Measure;
  readonly predicted: Amount;
  /** Absent before the drill has begun. */
  readonly actual?: Amount;
  /** Once the drill is over. */
  readonly verdict?: DrillVerdict;
}

const unknown: Amount = { kind: 'unknown' };
const never: Amount = { kind: 'never' };
const names = (all: readonly string[]): Amount => ({ kind: 'names', names: all });
const moves = (all: DrillPrediction['moved']): Amount => names(all.map(({ pod, to }) => `${pod} → ${to}`));
/** A break of the API shorter than this is nobody's loss: clients retry. */
const silenceFromMs = 1000;

/** The rows that say something, in the order in which things happen. */
export function comparisonRows(
  prediction: DrillPrediction,
  actual?: DrillActual,
  verdicts: readonly DrillVerdict[] = [],
): ComparisonRow[] {
  const { rehearsed, quorum, noticedAfterSeconds } = prediction;
  const row = (uid: Measure, predicted: Amount, came: Amount | undefined): ComparisonRow => ({
    uid,
    predicted,
    actual: came,
    verdict: verdicts.find(({ measure }) => measure === uid),
  });
  const rows: ComparisonRow[] = [];
  if (noticedAfterSeconds !== undefined) {
    const came = actual && (actual.noticedMs === undefined ? never : after(actual.noticedMs));
    rows.push(row('noticed', after(noticedAfterSeconds * 1000), came));
  }
  rows.push(
    row('moved', rehearsed ? moves(prediction.moved) : unknown, actual && moves(actual.moved)),
    row(
      'pending',
      rehearsed ? names(prediction.pending.map(({ pod }) => pod)) : unknown,
      actual && names(actual.pending),
    ),
    row('gone', names(prediction.gone), actual && names(actual.gone)),
    row('services', names(prediction.services), actual && names(actual.services.map(({ service }) => service))),
  );
  if (quorum !== undefined) {
    const came = actual && (actual.canLose === undefined ? unknown : number(actual.canLose));
    rows.push(row('canLose', number(quorum.canLose), came));
  }
  if (actual !== undefined && actual.apiGapMs >= silenceFromMs)
    rows.push(row('silence', unknown, { kind: 'lasted', ms: actual.apiGapMs }));
  if (actual?.brokenAt !== undefined) {
    const { backAt, wholeAt } = actual;
    const came = backAt === undefined || wholeAt === undefined ? unknown : after(wholeAt - backAt);
    rows.push(row('back', unknown, came));
  }
  return rows;
}

function after(ms: number): Amount {
  return { kind: 'after', ms };
}

function number(value: number): Amount {
  return { kind: 'number', value };
}
