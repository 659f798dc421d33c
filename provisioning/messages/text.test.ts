import { expect, test } from 'vitest';
import { consoleSteps, machineSteps } from '../steps/index.ts';
import { dayTwoMessages } from './day-two.data.ts';
import { errorMessages } from './errors.data.ts';
import { hypervisorMessages } from './hypervisor.data.ts';
import { labMessages } from './lab.data.ts';
import { preflightMessages } from './preflight.data.ts';
import { problemMessages } from './problems.data.ts';
import { stepMessages } from './steps.data.ts';
import { text } from './text.ts';

const all: Record<string, readonly [string, string]> = {
  ...dayTwoMessages,
  ...errorMessages,
  ...hypervisorMessages,
  ...labMessages,
  ...preflightMessages,
  ...problemMessages,
  ...stepMessages,
};
const places = (sentence: string): string[] =>
  [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();

test.each(Object.entries(all))('%s says the same in both languages', (key, [en, zh]) => {
  expect(new Set(places(zh)), key).toEqual(new Set(places(en)));
  const isOnlyPlaces = en.replace(/\{\w+\}|[\s:()]|SSH|Docker|systemd/g, '') === '';
  if (!isOnlyPlaces) expect(zh, key).toMatch(/[\u4e00-\u9fff]/);
});

test('every error and every check says what to do next', () => {
  const keys = Object.keys(all);
  const withoutRemedy = keys.filter((key) => key.endsWith('.bad') && !keys.includes(key.replace(/bad$/, 'remedy')));
  expect(withoutRemedy).toEqual([]);
});

test('every step has a title', () => {
  for (const kind of [...machineSteps.keys(), ...consoleSteps.keys()]) expect(all).toHaveProperty([`step.${kind}`]);
});

test('values are filled in', () => {
  expect(text('lab.boot', { machine: 'm1' })).toMatchObject({ en: 'Boot machine m1', 'zh-CN': '启动机器 m1' });
});
