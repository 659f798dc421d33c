import { beforeEach, expect, it } from 'vitest';
import { createCharges } from './charges.ts';

let nowMs = 0;
const clock = { now: () => nowMs };
beforeEach(() => {
  nowMs = 1_000_000;
});

it('keeps a charge whose object is not there yet, and lets it go when it never comes', () => {
  const charges = createCharges(clock);
  charges.note('q', { pods: '1' }, { pods: '2' });
  expect(charges.settle('q', { pods: '1' }, { pods: '2' })).toEqual({ used: { pods: '2' }, againAfterMs: 5_000 });
  expect(charges.settle('q', { pods: '2' }, { pods: '2' })).toEqual({ used: { pods: '2' } });
  nowMs += 5_000;
  expect(charges.settle('q', { pods: '1' }, { pods: '2' })).toEqual({ used: { pods: '1' } });
});

it('gives back at once what was not charged just now', () => {
  const charges = createCharges(clock);
  charges.note('q', { pods: '9', cpu: '900m' }, { pods: '10', cpu: '1' });
  expect(charges.settle('q', { pods: '3', cpu: '300m' }, { pods: '10', cpu: '1' }).used).toEqual({
    pods: '4',
    cpu: '400m',
  });
});

it('never reports less than it counts, nor more than was charged', () => {
  const charges = createCharges(clock);
  charges.note('q', { pods: '0' }, { pods: '5' });
  expect(charges.settle('q', { pods: '7' }, { pods: '5' }).used).toEqual({ pods: '7' });
  expect(charges.settle('q', { pods: '4' }, { pods: '5' }).used).toEqual({ pods: '5' });
});

it('forgets a charge from the future when the clock steps back', () => {
  const charges = createCharges(clock);
  charges.note('q', {}, { pods: '1' });
  nowMs -= 3_600_000;
  expect(charges.settle('q', { pods: '0' }, { pods: '1' })).toEqual({ used: { pods: '0' } });
});
