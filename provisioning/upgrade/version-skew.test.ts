import { expect, test } from 'vitest';
import { tooFar } from './version-skew.ts';

test.each([
  ['1.4.0-aa', '1.4.0-bb', true],
  ['1.5.0', '1.4.9', true],
  ['1.4.0', '1.5.2', true],
  ['1.6.0', '1.4.0', false],
  ['2.0.0', '1.9.0', false],
  ['1.4.0', 'unknown', false],
])('%s where %s runs: %s', (target, present, allowed) => {
  expect(tooFar(target, new Map([['m', present]]))).toEqual(allowed ? [] : [{ machine: 'm', version: present }]);
});
