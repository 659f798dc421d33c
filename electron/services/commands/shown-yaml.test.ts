import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { longestYaml, shownYaml } from './shown-yaml.ts';

const withNote = (note: string, data: Record<string, string> = {}): object => ({
  kind: 'ConfigMap',
  metadata: { name: 'tides', annotations: { note } },
  data,
});

it('shows what an API server would take as it is', () => {
  const object = withNote('x'.repeat(1024 * 1024), { list: 'a\nb\n' });
  const { yaml, isCut } = shownYaml(object);
  expect(isCut).toBe(false);
  expect(parse(yaml)).toEqual(object);
});

it('cuts one text that is too long, and says how much it left out', () => {
  const { yaml, isCut } = shownYaml(withNote('<b>'.repeat(3_500_000), { list: 'a' }));
  expect(isCut).toBe(true);
  const { metadata, data } = parse(yaml) as { metadata: { annotations: { note: string } }; data: unknown };
  expect(metadata.annotations.note).toHaveLength(2000 + '… (+10498000)'.length);
  expect(metadata.annotations.note.endsWith('… (+10498000)')).toBe(true);
  expect(data).toEqual({ list: 'a' });
});

it('stays within its length whatever there is of', () => {
  const many = (count: number, length: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_none, at) => [`k${at}`, 'v'.repeat(length)]));
  for (const data of [many(8, 1_000_000), many(5000, 1900)]) {
    const { yaml, isCut } = shownYaml(withNote('', data));
    expect([yaml.length <= longestYaml, isCut]).toEqual([true, true]);
  }
});
