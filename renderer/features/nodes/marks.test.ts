import { expect, it } from 'vitest';
import { changedLabels, labelLines } from './marks.ts';

it('writes only what changes, and takes away what is gone', () => {
  const before = { zone: 'a', disk: 'ssd', 'kubernetes.io/hostname': 'n-1' };
  const lines = [
    { key: 'zone', value: 'b' },
    { key: ' rack ', value: ' 7 ' },
    { key: '', value: 'left empty' },
    { key: 'kubernetes.io/hostname', value: 'n-1' },
  ];
  expect(changedLabels(before, lines)).toEqual({ disk: null, zone: 'b', rack: '7' });
});

it('puts a person’s own labels first', () => {
  expect(labelLines({ 'kubernetes.io/os': 'linux', zone: 'a' }).map(({ key }) => key)).toEqual([
    'zone',
    'kubernetes.io/os',
  ]);
});
