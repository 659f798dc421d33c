import { expect, it } from 'vitest';
import { createFakeClock } from '../../../machinery/clock.ts';
import { silentLogger } from '../../../machinery/logger.ts';
import { pod } from '../../testing/pods.ts';
import type { KubeletParts } from '../parts.ts';
import type { PodRecord } from '../pods/pod-record.ts';
import { shutDownPods } from './shut-down-pods.ts';

/** Ends the one pod of a node, which takes `endsAfterMs`; answers what the API was told last, and after how long. */
async function shutDown(endsAfterMs: number): Promise<{ told: string | undefined; tookMs: number }> {
  const clock = createFakeClock();
  const begunMs = clock.now();
  const record = { uid: 'u', pod: pod(), status: { phase: 'Running' } } as unknown as PodRecord & {
    status: { phase: string };
  };
  let told: string | undefined;
  const status = { flushed: () => Promise.resolve(void (told = record.status.phase)) };
  const parts = { clock, status, logger: silentLogger } as unknown as KubeletParts;
  let tookMs = -1;
  const ending = shutDownPods(parts, [record], { totalSeconds: 30, criticalSeconds: 10 }, () => {
    expect(record.verdict).toMatchObject({ phase: 'Failed', reason: 'Terminated', graceSeconds: 20 });
    clock.setTimeout(() => (record.status = { phase: 'Failed' }), endsAfterMs);
  }).then(() => (tookMs = clock.now() - begunMs));
  for (let step = 0; step < 400 && tookMs < 0; step++) await clock.advance(100);
  await ending;
  return { told, tookMs };
}

it('goes when the pod is over and the API has been told so', async () => {
  const { told, tookMs } = await shutDown(3_000);
  expect(told).toBe('Failed');
  expect(tookMs).toBeLessThan(4_000);
});

it('waits no longer than there is time', async () => {
  const { tookMs } = await shutDown(60_000);
  expect(tookMs).toBeLessThanOrEqual(20_200);
});
