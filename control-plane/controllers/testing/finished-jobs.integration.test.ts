// Ten thousand finished Jobs on a real API server: they cost nothing, a new one is not late, and TTLs clear them away.
import { afterEach, expect, it } from 'vitest';
import type { Job } from '../../../api/kinds/batch/index.ts';
import type { TestCluster } from './cluster.ts';
import { jobs } from '../../../api/kinds/batch/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const count = 10_000;
const spec: Job['spec'] = {
  template: { metadata: {}, spec: { containers: [{ name: 'main', image: 'x' }], restartPolicy: 'Never' } },
};

async function makeFinished(name: string): Promise<void> {
  const api = cluster.client.resource(jobs, 'default');
  const made = await api.create({ metadata: { name, labels: { batch: 'old' } }, spec });
  const time = formatTime(Date.now());
  const condition = (type: string) => ({
    type,
    status: 'True' as const,
    lastProbeTime: time,
    lastTransitionTime: time,
  });
  const status = {
    startTime: time,
    completionTime: time,
    succeeded: 1,
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  };
  await api.updateStatus({ ...made, status } as Job);
}

it('neither slow a new Job nor cause a write, and go when their time is up', async () => {
  cluster = await startCluster({ endingOf: () => 'Succeeded' });
  await cluster.stopControllers();
  const names = Array.from({ length: count }, (_, i) => `old-${i}`);
  const worker = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) await makeFinished(name);
  };
  await Promise.all(Array.from({ length: 64 }, worker));

  const api = cluster.client.resource(jobs, 'default');
  cluster.startControllers();
  await api.create({ metadata: { name: 'new' }, spec });
  await waitFor(
    async () =>
      (await api.get('new')).status?.conditions?.some(({ type, status }) => type === 'Complete' && status === 'True'),
    { timeoutMs: 30_000, intervalMs: 50, what: 'the new Job' },
  );
  expect(cluster.writes.filter((write) => write.includes('/jobs/old-'))).toEqual([]);

  await api.patch('old-7', { type: 'merge', body: { spec: { ttlSecondsAfterFinished: 0 } } });
  await waitFor(async () => (await api.get('old-7').catch(() => undefined)) === undefined, {
    timeoutMs: 10_000,
    what: 'old-7 to go',
  });
  await api.deleteCollection({ labelSelector: 'batch=old', propagationPolicy: 'Background' });
  await waitFor(async () => (await api.list({ limit: 10 })).items.every(({ metadata }) => metadata.name === 'new'), {
    timeoutMs: 60_000,
    intervalMs: 500,
    what: 'the old Jobs to go',
  });
}, 240_000);
