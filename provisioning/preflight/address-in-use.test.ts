import { expect, test } from 'vitest';
import { addressChecks, type AddressSighting } from './address-in-use.ts';

const seen = (machine: string, state: AddressSighting['state'], mac?: string): AddressSighting => ({
  machine,
  state,
  mac,
});
const verdicts = (sightings: AddressSighting[], isOurs = false): Record<string, [boolean, string][]> =>
  Object.fromEntries(
    [...addressChecks('10.0.0.9', sightings, isOurs)].map(([machine, checks]) => [
      machine,
      checks.map(({ ok, figure }) => [ok, figure]),
    ]),
  );
const stranger = '52:54:00:00:00:99';
const ours = '52:54:00:00:00:01';

test('an address for which nobody answers is free; machines of other segments say nothing', () => {
  expect(verdicts([seen('m1', 'free'), seen('w1', 'far')])).toEqual({ m1: [[true, '–']] });
});

test('one that a stranger has is refused, with the hardware address to look for', () => {
  expect(verdicts([seen('m1', 'taken', stranger), seen('w1', 'taken', stranger)])).toEqual({
    m1: [[false, stranger]],
    w1: [[false, stranger]],
  });
  const [check] = addressChecks('10.0.0.9', [seen('m1', 'taken', stranger)], false).get('m1') ?? [];
  expect(check).toMatchObject({ id: 'virtual-address', severity: 'error' });
  expect(check?.message.en).toBe(`m1 sees the virtual address 10.0.0.9 in use already, by ${stranger}`);
  expect(check?.remedy?.['zh-CN']).toContain('10.0.0.9');
});

test('one that a machine has as its own is refused there and where it is seen', () => {
  expect(verdicts([seen('m1', 'own', ours), seen('w1', 'taken', ours)])).toEqual({
    m1: [[false, 'm1']],
    w1: [[false, ours]],
  });
});

test('one that the cluster holds is good, whoever sees it', () => {
  expect(verdicts([seen('m1', 'held', ours), seen('w1', 'taken', ours)])).toEqual({
    m1: [[true, ours]],
    w1: [[true, ours]],
  });
  expect(verdicts([seen('w1', 'taken', stranger)], true)).toEqual({ w1: [[true, stranger]] });
  expect(verdicts([seen('m1', 'held', ours), seen('w1', 'taken', stranger)]).w1).toEqual([[false, stranger]]);
});
