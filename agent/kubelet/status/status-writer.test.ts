import { expect, it } from 'vitest';
import type { Pod, PodStatus } from '../../../api/kinds/core/index.ts';
import { createFakeClock } from '../../../machinery/clock.ts';
import { silentLogger } from '../../../machinery/logger.ts';
import { pod } from '../../testing/pods.ts';
import { createStatusWriter } from './status-writer.ts';

const ready = (status: 'True' | 'False'): PodStatus => ({ phase: 'Running', conditions: [{ type: 'Ready', status }] });

function setUp() {
  const written: PodStatus[] = [];
  let version = 10;
  const patch = (_name: string, { body }: { body: { status: PodStatus } }): Promise<Pod> => {
    written.push(body.status);
    return Promise.resolve(shown(body.status, ++version));
  };
  const client = { resource: () => ({ patch }) } as never;
  const clock = createFakeClock();
  const { signal } = new AbortController();
  return { written, writer: createStatusWriter({ client, clock, logger: silentLogger, signal }) };
}
const shown = (status: PodStatus, version: number): Pod => {
  const plain = pod();
  return { ...plain, metadata: { ...plain.metadata, resourceVersion: String(version) }, status };
};

it('takes back what others made of its conditions', async () => {
  const { written, writer } = setUp();
  writer.set(shown({}, 1), ready('True'));
  await writer.flushed(pod().metadata.uid);
  writer.set(shown(ready('False'), 12), ready('True'));
  await writer.flushed(pod().metadata.uid);
  expect(written.map(({ conditions }) => conditions?.[0]?.status)).toEqual(['True', 'True']);
});

it('does so for a pod that it found as it should be', async () => {
  const { written, writer } = setUp();
  writer.set(shown(ready('True'), 1), ready('True'));
  writer.set(shown(ready('False'), 2), ready('True'));
  await writer.flushed(pod().metadata.uid);
  expect(written).toHaveLength(1);
});

it.each([
  ['shows what was written', shown(ready('True'), 12)],
  ['has not seen the write yet', shown(ready('False'), 9)],
])('writes nothing when the API %s', async (_title, seen) => {
  const { written, writer } = setUp();
  writer.set(shown({}, 1), ready('True'));
  await writer.flushed(pod().metadata.uid);
  writer.set(seen, ready('True'));
  await writer.flushed(pod().metadata.uid);
  expect(written).toHaveLength(1);
});
