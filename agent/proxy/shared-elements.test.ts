import { describe, expect, it } from 'vitest';
import { createSharedElements } from './shared-elements.ts';

describe('elements several Services ask for', () => {
  it('gives them to the first by name, and to the next when that one leaves', () => {
    const kernel = new Map<string, string | undefined>();
    const shared = createSharedElements({
      put: (set, key, value) => void kernel.set(`${set} ${key}`, value),
      remove: (set, key) => void kernel.delete(`${set} ${key}`),
    });
    const element = (value: string) => [{ set: 'services', key: '203.0.113.1 . tcp . 80', value }];
    shared.update('b', [], element('for b'));
    expect([...kernel.values()]).toEqual(['for b']);
    shared.update('a', [], element('for a'));
    expect([...kernel.values()]).toEqual(['for a']);
    shared.update('a', element('for a'), []);
    expect([...kernel.values()]).toEqual(['for b']);
    shared.update('b', element('for b'), element('changed'));
    expect([...kernel.values()]).toEqual(['changed']);
    shared.update('b', element('changed'), []);
    expect(kernel.size).toBe(0);
  });
});
