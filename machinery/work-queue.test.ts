import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from './clock.ts';
import { createWorkQueue } from './work-queue.ts';

type Step = { do: 'add' | 'addAfter' | 'take' | 'done'; key: string };

describe('the work queue', () => {
  it('hands a key to one worker at a time, loses no addition and repeats none', async () => {
    const steps = fc.array(
      fc.record({
        do: fc.constantFrom<Step['do']>('add', 'add', 'take', 'done'),
        key: fc.constantFrom('a', 'b', 'c', 'd'),
      }),
      { maxLength: 80 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const queue = createWorkQueue(createFakeClock());
        // The model: what was added since it was last handed out, in order, and what is in process.
        const dirty = new Set<string>();
        const processing = new Set<string>();
        for (const step of all) {
          if (step.do === 'add') {
            queue.add(step.key);
            dirty.add(step.key);
          } else if (step.do === 'done') {
            queue.done(step.key);
            processing.delete(step.key);
          } else if (queue.length > 0) {
            const key = (await queue.take()) as string;
            expect(processing.has(key)).toBe(false);
            expect(dirty.delete(key)).toBe(true);
            processing.add(key);
          }
          expect(queue.length).toBe([...dirty].filter((key) => !processing.has(key)).length);
        }
        for (const key of processing) queue.done(key);
        const rest: string[] = [];
        while (queue.length > 0) rest.push((await queue.take()) as string);
        expect(rest.sort()).toEqual([...dirty].sort());
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the earliest of several delays for one key', async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 9_000);
    await clock.advance(999);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends waiting workers when it closes, and takes no more', async () => {
    const queue = createWorkQueue(createFakeClock());
    const waiting = queue.take();
    queue.close();
    queue.add('a');
    expect(await waiting).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
  });
});
