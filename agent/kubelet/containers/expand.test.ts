import { expect, it } from 'vitest';
import { expand } from './expand.ts';

const values: Readonly<Record<string, string>> = { A: 'one', B: '$(A)' };

it.each([
  ['$(A)', 'one'],
  ['x$(A)y', 'xoney'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$(NONE)', '$(NONE)'],
  ['$(A', '$(A'],
  ['$', '$'],
  ['$x', '$x'],
  ['$(B)', '$(A)'],
  ['', ''],
])('expands %s to %s', (text, wanted) => {
  expect(expand(text, (name) => values[name])).toBe(wanted);
});
