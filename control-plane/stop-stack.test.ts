import { expect, it } from 'vitest';
import { silentLogger } from '../machinery/logger.ts';
import { createStopStack } from './stop-stack.ts';

it('stops in reverse order, also past what fails or hangs', async () => {
  const stops = createStopStack(silentLogger);
  const order: string[] = [];
  stops.push('first', () => Promise.resolve(void order.push('first')));
  stops.push('hanging', () => new Promise(() => order.push('hanging')));
  stops.push('failing', () => Promise.reject(new Error('no')));
  stops.run('loop', async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    order.push('loop');
  });
  await stops.stopAll();
  expect(order).toEqual(['loop', 'hanging', 'first']);
});
