import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { createFakeClock } from '../../machinery/clock.ts';
import { createDnsFigures } from './dns-figures.ts';

const counters = { queries: 5, remembered: 3, forwarded: 1, failed: 0 };

const thread = (answers: boolean) => {
  const worker = new EventEmitter() as EventEmitter & { postMessage(message: unknown): void };
  worker.postMessage = () => {
    if (answers) queueMicrotask(() => worker.emit('message', { type: 'counters', counters }));
  };
  return worker as never;
};

it('reads what the newest thread has counted', async () => {
  const figures = createDnsFigures(createFakeClock());
  figures.follow(thread(false));
  figures.follow(thread(true));
  expect(await figures.read()).toEqual(counters);
});

it('reads nothing where there is no thread, or none that answers', async () => {
  const clock = createFakeClock();
  const figures = createDnsFigures(clock);
  expect(await figures.read()).toBeUndefined();
  figures.follow(thread(false));
  const read = figures.read();
  await clock.advance(1_000);
  expect(await read).toBeUndefined();
});
