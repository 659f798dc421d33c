import { expect, it } from 'vitest';
import { judgeQuorum, type MasterAssessment } from './assess.ts';

const master = (name: string, more: Partial<MasterAssessment> = {}): MasterAssessment => ({
  name,
  address: name,
  isReachable: true,
  hasData: true,
  hasLeader: true,
  revision: 10,
  ...more,
});
const gone = (name: string): MasterAssessment => ({ name, address: name, isReachable: false, reason: 'off' });

it.each([
  ['healthy', [master('a'), master('b'), master('c')], ['a', 'b', 'c']],
  ['at-risk', [master('a'), gone('b'), master('c')], ['a', 'c']],
  ['lost', [master('a', { hasLeader: false }), gone('b'), gone('c')], ['a']],
  ['lost', [master('a', { hasLeader: undefined, revision: undefined }), gone('b'), gone('c')], ['a']],
  ['gone', [master('a', { hasData: false, hasLeader: undefined }), gone('b'), gone('c')], []],
])('calls the quorum %s', (state, masters, survivors) => {
  expect(judgeQuorum(masters)).toMatchObject({ state, survivors });
});

it('recovers best from the master that knows most, and of equals from the one that wrote last', () => {
  const without = { hasLeader: false };
  const masters = [
    master('a', { ...without, revision: 9, lastWriteMs: 30 }),
    master('b', { ...without, lastWriteMs: 10 }),
    master('c', { ...without, lastWriteMs: 20 }),
  ];
  expect(judgeQuorum(masters).survivors).toEqual(['c', 'b', 'a']);
});
