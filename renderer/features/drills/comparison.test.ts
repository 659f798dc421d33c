import { expect, it } from 'vitest';
import type { DrillActual, DrillPrediction } from '../../../api/console/index.ts';
import { comparisonRows } from './comparison.ts';

const prediction: DrillPrediction = {
  rehearsed: true,
  noticedAfterSeconds: 40,
  moved: [{ pod: 'shop/a', from: 'm-1', to: 'm-2' }],
  pending: [],
  gone: [],
  budgetsBroken: [],
  services: ['shop/web'],
  quorum: { members: 3, working: 2, needed: 2, canLose: 0 },
};
const actual: DrillActual = {
  brokenAt: 1000,
  backAt: 60_000,
  wholeAt: 63_000,
  noticedMs: 38_000,
  moved: [],
  pending: [],
  gone: [],
  ready: 2,
  readyBefore: 2,
  services: [{ service: 'shop/web', ms: 2500 }],
  apiGapMs: 200,
};

it('says what is predicted alone before a drill', () => {
  const rows = comparisonRows(prediction);
  expect(rows.map(({ uid }) => uid)).toEqual(['noticed', 'moved', 'pending', 'gone', 'services', 'canLose']);
  expect(rows.every((row) => row.actual === undefined)).toBe(true);
  expect(rows[1]?.predicted).toEqual({ kind: 'names', names: ['shop/a → m-2'] });
});

it('sets what came beside it, with its verdict', () => {
  const missed = {
    measure: 'moved',
    predicted: 1,
    actual: 0,
    agrees: false,
    missed: ['shop/a'],
    surprises: [],
  } as const;
  const rows = new Map(comparisonRows(prediction, actual, [missed]).map((row) => [row.uid, row]));
  expect(rows.get('moved')).toMatchObject({ actual: { names: [] }, verdict: missed });
  expect(rows.get('noticed')?.actual).toEqual({ kind: 'after', ms: 38_000 });
  expect(rows.get('canLose')?.actual).toEqual({ kind: 'unknown' });
  expect(rows.get('back')?.actual).toEqual({ kind: 'after', ms: 3000 });
  expect(rows.has('silence')).toBe(false);
  expect(comparisonRows(prediction, { ...actual, apiGapMs: 4000 }).map(({ uid }) => uid)).toContain('silence');
});

it('does not claim to know where pods go when the cluster cannot rehearse', () => {
  expect(comparisonRows({ ...prediction, rehearsed: false })[1]?.predicted).toEqual({ kind: 'unknown' });
});
