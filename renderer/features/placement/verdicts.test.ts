import { expect, it } from 'vitest';
import type { PlacementReasons } from '../../../api/console/index.ts';
import { colourOfCategory, countVerdicts, verdictsOf, type Say } from './verdicts.ts';

const say: Say = (key, values) => `${key} ${JSON.stringify(values)}`;
const refusal = (filter: string, values: Record<string, string | number>) => ({
  filter,
  sentence: { en: '', 'zh-CN': '' },
  values,
});
const reasons: PlacementReasons = {
  nodes: [
    { node: 'a', fits: true, score: 12, refusals: [] },
    {
      node: 'b',
      fits: false,
      refusals: [refusal('NodeResourcesFit', { resource: 'cpu', free: '650m', requested: '3' })],
    },
    {
      node: 'c',
      fits: false,
      refusals: [refusal('TaintToleration', { taint: 'gpu:NoSchedule' }), refusal('NodePorts', {})],
    },
    { node: 'd', fits: false, refusals: [refusal('SomethingNew', {})] },
    { node: 'e', fits: false, refusals: [refusal('NodeResourcesFit', { pods: 110, limit: 110 })] },
  ],
  counts: [],
  remedies: [],
};

it('says for every machine the first reason with its numbers', () => {
  const verdicts = verdictsOf(reasons, say, String);
  expect([...verdicts].map(([node, { category }]) => `${node} ${category}`)).toEqual([
    'a fits',
    'b room',
    'c taint',
    'd other',
    'e room',
  ]);
  expect(verdicts.get('b')?.text).toContain('"free":0.65,"requested":3');
  expect(verdicts.get('e')?.text).toContain('verdicts.short.pods');
  expect(countVerdicts(verdicts)[0]).toEqual({ category: 'room', count: 2 });
});

it('gives categories colours that differ', () => {
  expect(colourOfCategory('room', false)).not.toBe(colourOfCategory('taint', false));
});
