import { describe, expect, it } from 'vitest';
import { addBatch, levelOf, matcherOf } from './log-lines.ts';

describe('merged log lines', () => {
  it('stand in the order of time, whichever log they came from', () => {
    const first = addBatch(
      [],
      [
        { source: 0, at: 10, text: 'a' },
        { source: 0, at: 30, text: 'c' },
      ],
      0,
    );
    const both = addBatch(
      first,
      [
        { source: 1, at: 20, text: 'b' },
        { source: 1, at: 40, text: 'd' },
      ],
      2,
    );
    expect(both.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are inert: control sequences of terminals are gone', () => {
    expect(addBatch([], [{ source: 0, text: '\u001b[31mred\u001b]0;title\u0007 \u0008' }], 0)[0]?.text).toBe(
      'red \u{fffd}',
    );
  });

  it.each([
    ['ERROR cannot open', 'error'],
    ['W1123 10:00:00 slow', 'warn'],
    ['{"level":30,"msg":"up"}', 'info'],
    ['level=debug msg=x', 'debug'],
    ['plain words', undefined],
  ])('know the level of %j', (text, level) => {
    expect(levelOf(text)).toBe(level);
  });

  it('are found by words or by an expression, which may be unfinished', () => {
    expect(matcherOf('OPEN', false)?.('cannot open')).toBe(true);
    expect(matcherOf('^can.*n$', true)?.('cannot open')).toBe(true);
    expect(matcherOf('(', true)).toBeUndefined();
  });
});
