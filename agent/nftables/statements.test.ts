import { describe, expect, it } from 'vitest';
import { changeStatements, loadStatements } from './statements.ts';

const skeleton = {
  name: 't',
  sets: new Map([
    ['m', { kind: 'map' as const, spec: 'type ipv4_addr : verdict;' }],
    ['live', { kind: 'set' as const, spec: 'type mark; flags timeout;', live: true }],
  ]),
  chains: { hook: { hook: 'type nat hook output priority -100;', rules: ['ip daddr vmap @m'] } },
};

describe('nftables statements', () => {
  it('declares, empties and fills in an order that every rule can rely on, sparing live sets', () => {
    const elements = new Map([['m', new Map([['10.0.0.1', 'goto c']])]]);
    const text = [...loadStatements(skeleton, elements, new Map([['c', ['accept']]]), '12345678')].join('');
    expect(text.split('\n')).toEqual([
      'add table ip t',
      'flush table ip t',
      'add map ip t m { type ipv4_addr : verdict; }',
      'flush map ip t m',
      'add set ip t live { type mark; flags timeout; }',
      'add chain ip t hook { type nat hook output priority -100; }',
      'add chain ip t c',
      'add set ip t intact { type mark; }',
      'flush set ip t intact',
      'add chain ip t intact',
      'flush chain ip t hook',
      'add rule ip t hook ip daddr vmap @m',
      'flush chain ip t c',
      'add rule ip t c accept',
      'add rule ip t intact counter comment "12345678"',
      'add element ip t intact { 0x12345678 }',
      'add element ip t m { 10.0.0.1 : goto c }',
      '',
    ]);
  });

  it('replaces a changed element, and removes chains and sets last', () => {
    const changes = {
      newSets: new Map(),
      chains: new Map([['new', ['drop']]]),
      elements: new Map([['m', new Map([['10.0.0.1', { before: 'goto old', after: 'goto new' }]])]]),
      goneChains: new Set(['old']),
      goneSets: new Set(['s']),
    };
    expect([...changeStatements('t', changes)].join('').trim().split('\n')).toEqual([
      'add chain ip t new',
      'flush chain ip t new',
      'add rule ip t new drop',
      'delete element ip t m { 10.0.0.1 }',
      'add element ip t m { 10.0.0.1 : goto new }',
      'add chain ip t old',
      'flush chain ip t old',
      'delete chain ip t old',
      'delete set ip t s',
    ]);
  });

  it('splits many elements over several statements', () => {
    const many = new Map(Array.from({ length: 1_200 }, (_, index) => [`${index}`, 'accept']));
    const statements = [...loadStatements(skeleton, new Map([['m', many]]), new Map(), '1')];
    expect(statements.filter((line) => line.startsWith('add element ip t m'))).toHaveLength(3);
  });
});
