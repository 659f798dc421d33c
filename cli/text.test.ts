import { expect, test } from 'vitest';
import { sentence } from './text.ts';
import { cliMessages } from './text.data.ts';

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();

test.each(Object.entries(cliMessages))('%s says the same in both languages', (_, [en, zh]) => {
  expect(places(zh)).toEqual(places(en));
});

test('values are filled in, in the language asked for', () => {
  expect(sentence('machine.removed', { name: 'm1', cluster: 'c' }, 'zh-CN')).toBe('m1 已不属于 c。');
});
