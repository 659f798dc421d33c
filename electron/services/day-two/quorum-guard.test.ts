import { describe, expect, it } from 'vitest';
import type { EtcdMember } from '../../../api/console/index.ts';
import { quorumRefusal } from './quorum-guard.ts';

const members = (states: Readonly<Record<string, boolean>>): EtcdMember[] =>
  Object.entries(states).map(([name, healthy]) => ({ name, endpoint: name, healthy, leader: false }));

describe('the guard of the quorum', () => {
  it.each([
    ['three that work can do without one', { a: true, b: true, c: true }, 'a', 'away', false],
    ['with one lost, no second may go', { a: true, b: true, c: false }, 'a', 'away', true],
    ['the lost one itself may leave', { a: true, b: true, c: false }, 'c', 'leaves', false],
    ['with one lost, one that works may not leave', { a: true, b: true, c: false }, 'a', 'leaves', true],
    ['a worker is nobody’s member', { a: true, b: false, c: false }, 'worker', 'leaves', false],
    ['the only one may restart', { a: true }, 'a', 'away', false],
    ['the only one may not leave', { a: true }, 'a', 'leaves', true],
    ['of two, neither may be away', { a: true, b: true }, 'a', 'away', true],
    ['of two, one may leave', { a: true, b: true }, 'a', 'leaves', false],
  ] as const)('%s', (_title, states, machine, action, refused) => {
    expect(quorumRefusal(members(states), machine, action) !== undefined).toBe(refused);
  });

  it('names who is needed and who is lost', () => {
    expect(quorumRefusal(members({ a: true, b: true, c: false }), 'a', 'away')?.en).toContain('not working: c');
  });
});
