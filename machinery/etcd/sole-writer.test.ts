import { describe, expect, it } from 'vitest';
import { createGuestBook } from './sole-writer.ts';

describe('a guest book', () => {
  const never = new AbortController().signal;

  it('knows the newest revision that any answer has shown', () => {
    const book = createGuestBook(() => Promise.resolve(), never);
    expect(book.revision).toBeUndefined();
    book.saw(7);
    book.saw(5);
    expect(book.revision).toBe(7);
  });

  it('knows nothing while a guest is there, and again once what guests were told has been seen', async () => {
    const asked: (() => void)[] = [];
    const book = createGuestBook(() => new Promise<void>((resolve) => asked.push(resolve)), never);
    book.saw(7);
    const [first, second] = [book.enter(), book.enter()];
    expect(book.revision).toBeUndefined();
    first();
    first(); // once more counts nothing
    asked.shift()?.();
    await Promise.resolve();
    expect(asked).toHaveLength(0);
    expect(book.revision).toBeUndefined();
    second();
    expect(book.revision).toBeUndefined();
    book.saw(9);
    asked.shift()?.();
    await expect.poll(() => book.revision).toBe(9);
  });

  it('asks until it is answered', async () => {
    let tries = 0;
    const closing = new AbortController();
    const answers = [Promise.reject(new Error('away')), Promise.resolve()];
    const book = createGuestBook(() => answers[tries++] ?? Promise.resolve(), closing.signal);
    book.saw(3);
    book.enter()();
    await expect.poll(() => book.revision, { timeout: 5_000 }).toBe(3);
    expect(tries).toBe(2);
  });
});
