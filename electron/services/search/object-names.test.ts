import { describe, expect, it } from 'vitest';
import { rankOf } from './object-names.ts';

describe('the rank of an object', () => {
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
  it.each([
    [['web'], 3],
    [['we'], 2],
    [['eb'], 1],
    [['web', 'shop'], 3],
    [['dep', 'web'], 1],
    [['web', 'data'], 0],
  ])('for %j is %i', (words, rank) => {
    expect(rankOf(web, words)).toBe(rank);
  });
});
