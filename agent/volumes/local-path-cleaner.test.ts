import { expect, it } from 'vitest';
import { isLeftOver } from './local-path-cleaner.ts';

const uid = '0f8fad5b-d9cb-469f-a165-70867728950e';

it.each([
  [`pvc-${uid}_default_data`, false, true],
  [`pvc-${uid}_default_data`, true, false],
  ['somebody-elses', false, false],
  [`pvc-${uid}`, false, false],
])('%s, whose volume exists: %s → left over: %s', (name, exists, leftOver) => {
  expect(isLeftOver(name, () => exists)).toBe(leftOver);
});
