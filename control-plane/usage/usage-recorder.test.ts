import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../machinery/clock.ts';
import { silentLogger } from '../../machinery/logger.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { waitFor } from '../../machinery/wait.ts';
import { seriesOf } from './series-of.ts';
import { createUsageReader } from './usage-reader.ts';
import { runUsageRecorder } from './usage-recorder.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
const deployment = seriesOf({ kind: 'Deployment', namespace: 'shop', name: 'web' });

describe('the record of usage', () => {
  let folder: string;
  let clock: FakeClock;
  let ending: AbortController;
  let recording: Promise<void>;
  /** How many milli-cores each of two pods uses; the second node does not answer. */
  let cpuMilli = 100;
  let received = 0;

  const client = {
    resource: () => ({
      list: () =>
        Promise.resolve({
          items: [
            { metadata: { name: 'one' }, status: ready },
            { metadata: { name: 'away' }, status: ready },
            { metadata: { name: 'dead' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
          ],
        }),
    }),
    request({ path }: { path: string }) {
      if (!path.startsWith('/api/v1/nodes/one/')) return Promise.reject(new Error(`${path} does not answer`));
      received += 6_000;
      const measured = { cpu: { usageNanoCores: cpuMilli * 1e6 }, memory: { workingSetBytes: 1000 } };
      const pod = (name: string): object => ({
        podRef: { namespace: 'shop', name },
        ...measured,
        network: { rxBytes: received, txBytes: 0 },
        containers: [{ name: 'app', ...measured }],
      });
      // An agent may tell of containers only.
      const bare = { ...pod('web-7d9f8c6b5-bbbbb'), cpu: undefined, memory: undefined };
      const pods = [pod('web-7d9f8c6b5-x2x4z'), bare, pod('other')];
      const body = JSON.stringify({ node: { ...measured, fs: { usedBytes: 77 } }, pods });
      return Promise.resolve({ status: 200, text: () => Promise.resolve(body) });
    },
  } as unknown as RestClient;

  const start = (): void => {
    ending = new AbortController();
    recording = runUsageRecorder({ client, folder, clock, logger: silentLogger, everyMs: minuteMs }, ending.signal);
  };
  const stop = async (): Promise<void> => {
    ending.abort();
    await recording;
  };
  /** Lets so many rounds be written. */
  const pass = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      await waitFor(() => clock.pendingTimers > 0, {
        intervalMs: 1,
        timeoutMs: 10_000,
        what: 'the round to be written',
      });
      await clock.advance(minuteMs);
    }
    await waitFor(() => clock.pendingTimers > 0, { intervalMs: 1, timeoutMs: 10_000, what: 'the last round' });
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-usage-'));
    clock = createFakeClock();
    received = 0;
    cpuMilli = 100;
    start();
  });
  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('sums the pods of a workload, at every round, from agents that answer', async () => {
    const from = clock.now();
    await pass(3);
    cpuMilli = 300;
    await pass(2);
    const reader = createUsageReader(folder);
    const found = await reader.read({ isWanted: deployment, from, to: clock.now(), points: 6 });
    expect(found.map(({ cpuMilli: cpu, series }) => [cpu, series])).toEqual(
      [200, 200, 200, 200, 600, 600].map((cpu) => [cpu, 2]),
    );
    expect(found.map(({ networkBytesPerSecond }) => networkBytesPerSecond)).toEqual([
      Number.NaN,
      200,
      200,
      200,
      200,
      200,
    ]);
    const node = await reader.read({
      isWanted: seriesOf({ kind: 'Node', namespace: '', name: 'one' }),
      from,
      to: clock.now(),
      points: 1,
    });
    expect(node).toMatchObject([{ series: 1, diskBytes: 77 }]);
  });

  it('goes on after a kill in the middle of a round', async () => {
    const from = clock.now();
    await pass(2);
    await stop();
    const [file = ''] = await readdir(folder);
    await appendFile(join(folder, file), Buffer.from([255, 0, 0, 0, 2, 1]));
    await clock.advance(minuteMs);
    start();
    await pass(2);
    const found = await createUsageReader(folder).read({ isWanted: deployment, from, to: clock.now(), points: 100 });
    expect(found).toHaveLength(6);
    expect(new Set(found.map(({ cpuMilli: cpu }) => cpu))).toEqual(new Set([200]));
  });

  it('keeps every round for a day and means for longer, and answers across both', async () => {
    const from = clock.now();
    await pass(27 * 60);
    const names = await readdir(folder);
    const hours = names.filter((name) => name.startsWith('full-')).map((name) => Number(/\d+/.exec(name)?.[0]));
    expect(hours.length).toBeLessThanOrEqual(26);
    expect(Math.min(...hours)).toBeGreaterThan(from);
    expect(names.filter((name) => name.startsWith('coarse-') && name.endsWith('.gz'))).toHaveLength(1);
    const reader = createUsageReader(folder);
    const all = await reader.read({ isWanted: deployment, from, to: clock.now(), points: 27 });
    expect(all).toHaveLength(27);
    for (const { cpuMilli: cpu, series } of all) expect([cpu, series]).toEqual([200, 2]);
    const first = await reader.read({ isWanted: deployment, from, to: from + hourMs, points: 1 });
    expect(first).toHaveLength(1);
  }, 60_000);
});
