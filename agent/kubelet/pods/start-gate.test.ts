import { expect, it } from 'vitest';
import { createStartGate } from './start-gate.ts';

it('runs few at a time, and those that go first before the others', async () => {
  const gate = createStartGate(1);
  const order: string[] = [];
  const releases: (() => void)[] = [];
  const task = (name: string) => async () => {
    order.push(name);
    await new Promise<void>((resolve) => void releases.push(resolve));
  };
  const all = [gate.run('last', task('a')), gate.run('last', task('b')), gate.run('first', task('c'))];
  for (let done = 0; done < 3; done++) {
    await expect.poll(() => releases.length).toBe(done + 1);
    expect(order).toHaveLength(done + 1);
    releases[done]?.();
  }
  await Promise.all(all);
  expect(order).toEqual(['a', 'c', 'b']);
});

it('lets the next one through after a failure', async () => {
  const gate = createStartGate(1);
  await expect(gate.run('last', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.run('last', () => Promise.resolve(1))).toBe(1);
});
