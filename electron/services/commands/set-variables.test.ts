import { describe, expect, it } from 'vitest';
import type { Container } from '../../../api/kinds/core/index.ts';
import { variablesPatch } from './set-variables.ts';

const container = {
  name: 'app',
  env: [
    { name: 'KEEP', value: '1' },
    { name: 'CHANGE', value: 'old' },
    { name: 'DROP', value: 'x' },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'p' } } },
  ],
} as unknown as Container;

describe('the change of variables', () => {
  it('sends only what differs and never touches what other objects give', () => {
    const wanted = [
      { name: 'KEEP', value: '1' },
      { name: 'CHANGE', value: 'new' },
      { name: 'ADD', value: '' },
    ];
    expect(variablesPatch(container, wanted)).toEqual([
      { name: 'DROP', $patch: 'delete' },
      { name: 'CHANGE', value: 'new' },
      { name: 'ADD', value: '' },
    ]);
  });

  it('is empty when nothing changes', () => {
    const wanted = ['KEEP', 'CHANGE', 'DROP'].map((name, index) => ({ name, value: ['1', 'old', 'x'][index] ?? '' }));
    expect(variablesPatch(container, wanted)).toEqual([]);
  });

  it.each([
    [
      [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    ],
    [[{ name: 'PASSWORD', value: 'plain' }]],
  ])('refuses a name that is given twice: %j', (wanted) =>
    expect(() => variablesPatch(container, wanted)).toThrow(/given twice/),
  );
});
