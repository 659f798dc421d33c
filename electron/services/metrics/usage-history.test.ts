import { describe, expect, it } from 'vitest';
import { createUsageHistory } from './usage-history.ts';

describe('a usage history', () => {
  it('keeps the newest samples of at most so many keys, and forgets what is gone', () => {
    const history = createUsageHistory(2, 2);
    for (const at of [1, 2, 3]) {
      history.add(
        at,
        new Map([
          ['a', [at, 10]],
          ['b', [0, 0]],
          ['c', [0, 0]],
        ] as const),
      );
    }
    expect(history.of('a')).toEqual([
      [2, 2, 10],
      [3, 3, 10],
    ]);
    expect([...history.keys()]).toEqual(['a', 'b']);
    history.add(4, new Map([['b', [1, 1]]] as const));
    expect(history.of('a')).toEqual([]);
  });

  it('takes the same moment once', () => {
    const history = createUsageHistory(5, 5);
    history.add(1, new Map([['a', [1, 1]]] as const));
    history.add(1, new Map([['a', [1, 1]]] as const));
    expect(history.of('a')).toHaveLength(1);
  });
});
