import { expect, it } from 'vitest';
import { createFakeClock } from '../../machinery/clock.ts';
import { infoOf } from './fixtures.ts';
import { SchedulingQueue } from './queue.ts';

function open() {
  const clock = createFakeClock();
  let woken = 0;
  const queue = new SchedulingQueue(clock, () => woken++);
  const pop = (): string | undefined => queue.pop()?.info.pod.metadata.name;
  return { clock, queue, pop, woken: () => woken };
}

const refusedBy = (...filters: string[]): ReadonlySet<string> => new Set(filters);

it('hands out the important first, then the old', async () => {
  const { clock, queue, pop } = open();
  queue.put(infoOf('old'));
  await clock.advance(1);
  queue.put(infoOf('young'));
  queue.put(infoOf('important', { priority: 5 }));
  expect([pop(), pop(), pop(), pop()]).toEqual(['important', 'old', 'young', undefined]);
});

it('lets a refused pod rest until something happens that may help it, and then backs off', async () => {
  const { clock, queue, pop } = open();
  queue.put(infoOf('p'));
  const tried = queue.pop();
  if (!tried) throw new Error('nothing to try');
  queue.putBack(tried, refusedBy('NodeResourcesFit'));
  queue.notice('pod-added');
  queue.notice('pod-relabelled');
  await clock.advance(5_000);
  expect(pop()).toBeUndefined();
  queue.notice('pod-removed');
  expect(pop()).toBe('p');
});

it('backs off longer with each failure, up to ten seconds', async () => {
  const { clock, queue } = open();
  queue.put(infoOf('p'));
  for (const expectedMs of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    const tried = queue.pop();
    if (!tried) throw new Error('nothing to try');
    queue.putBack(tried, refusedBy());
    await clock.advance(expectedMs - 1);
    expect(queue.pop()).toBeUndefined();
    await clock.advance(1);
  }
});

it('does not miss what happened while the pod was being tried', async () => {
  const { clock, queue, pop } = open();
  queue.put(infoOf('p'));
  const tried = queue.pop();
  queue.notice('node-added');
  if (tried) queue.putBack(tried, refusedBy('NodeResourcesFit'));
  await clock.advance(1_000);
  expect(pop()).toBe('p');
});

it('tries a pod that nothing woke again after five minutes', async () => {
  const { clock, queue, pop, woken } = open();
  queue.put(infoOf('p'));
  const tried = queue.pop();
  if (tried) queue.putBack(tried, refusedBy('NodeName'));
  const before = woken();
  await clock.advance(300_000);
  expect(woken()).toBe(before + 1);
  expect(pop()).toBe('p');
});

it('forgets a pod wherever it is', async () => {
  const { clock, queue, pop } = open();
  queue.put(infoOf('ready'));
  queue.forget('default/ready');
  expect(pop()).toBeUndefined();
  queue.put(infoOf('out'));
  const tried = queue.pop();
  queue.forget('default/out');
  if (tried) queue.putBack(tried, refusedBy());
  await clock.advance(60_000);
  expect(pop()).toBeUndefined();
  expect(queue.size).toBe(0);
});

it('is fair: a pod that was refused comes after those of its importance that came meanwhile', async () => {
  const { clock, queue, pop } = open();
  queue.put(infoOf('large'));
  const tried = queue.pop();
  await clock.advance(10);
  queue.put(infoOf('meanwhile'));
  await clock.advance(10);
  if (tried) queue.putBack(tried, refusedBy('NodeResourcesFit'));
  queue.notice('pod-removed');
  await clock.advance(1_000);
  queue.put(infoOf('late'));
  expect([pop(), pop(), pop(), pop()]).toEqual(['meanwhile', 'large', 'late', undefined]);
});

it('tries a pod again that was changed while it was being tried', async () => {
  const { clock, queue } = open();
  queue.put(infoOf('p', { cpu: '9' }));
  const tried = queue.pop();
  queue.put(infoOf('p', { cpu: '1' }));
  if (tried) queue.putBack(tried, refusedBy('NodeResourcesFit'));
  await clock.advance(1_000);
  expect(queue.pop()?.info.requests.milliCpu).toBe(infoOf('p', { cpu: '1' }).requests.milliCpu);
});

it('an event wakes those that it may help, and no others', async () => {
  const { clock, queue, pop } = open();
  const refusals = {
    full: ['NodeResourcesFit'],
    far: ['InterPodAffinity'],
    both: ['NodeAffinity', 'InterPodAffinity'],
  };
  for (const name of Object.keys(refusals)) queue.put(infoOf(name));
  for (const filters of Object.values(refusals)) {
    const tried = queue.pop();
    if (tried) queue.putBack(tried, refusedBy(...filters));
  }
  await clock.advance(20_000);
  queue.notice('namespace-relabelled');
  expect([pop(), pop(), pop()]).toEqual(['far', 'both', undefined]);
  queue.notice('pod-resized');
  expect([pop(), pop()]).toEqual(['full', undefined]);
});
