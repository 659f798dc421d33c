// Automatic rollback on a real API server: killed at any of its writes it ends the same, evidence and all; and a new
// revision that breaks its error budget after it became ready goes back as well.
import { describe, expect, it, type TestContext } from 'vitest';
import type { Deployment } from '../../../api/kinds/apps/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { TestCluster, TestClusterOptions } from './cluster.ts';
import { deployments, replicaSets } from '../../../api/kinds/apps/index.ts';
import { events, pods } from '../../../api/kinds/core/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

const waiting = { timeoutMs: 20_000, intervalMs: 40 };
const only = ['deployment', 'replicaset', 'automatic-rollback'] as const;
const labels = { app: 'web' };
const web = (annotations: Record<string, string>, replicas = 2): Draft<Deployment> => ({
  metadata: { name: 'web', annotations: { 'pilothouse.io/automatic-rollback': 'true', ...annotations } },
  spec: {
    replicas,
    progressDeadlineSeconds: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'good:0' }] } },
  },
});
const imageOf = ({ spec }: Deployment) => spec.template.spec?.containers[0]?.image;
const sentenceOf = ({ status }: Deployment) =>
  status?.conditions?.find(({ type }) => type === 'pilothouse.io/RolledBack')?.message ?? '';

/** A cluster of this test alone, as the tests wait side by side; and what they do and see in it. */
async function start({ onTestFinished }: TestContext, options: TestClusterOptions = {}) {
  const cluster: TestCluster = await startCluster({ only, ...options });
  onTestFinished(() => cluster.close());
  const api = cluster.client.resource(deployments, 'default');
  const setImage = (image: string) =>
    api.patch('web', {
      type: 'strategic',
      body: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } },
    });
  /** All pods of the image available, and no others there. */
  const isAvailable = (image: string, wanted = 2) =>
    waitFor(
      async () => {
        const one = await api.get('web');
        const { observedGeneration, availableReplicas, updatedReplicas, replicas } = one.status ?? {};
        const isCurrent = imageOf(one) === image && observedGeneration === one.metadata.generation;
        return isCurrent && [availableReplicas, updatedReplicas, replicas].every((count) => count === wanted);
      },
      { ...waiting, what: image },
    );
  /** The same, and the controller knows the revision as good. */
  const isGood = async (image: string, wanted = 2): Promise<void> => {
    await isAvailable(image, wanted);
    const setApi = cluster.client.resource(replicaSets, 'default');
    await waitFor(
      async () =>
        (await setApi.list()).items.some(
          ({ metadata, spec }) =>
            spec.template?.spec?.containers[0]?.image === image &&
            metadata.annotations?.['pilothouse.io/good-revision'],
        ),
      { ...waiting, what: `${image} known as good` },
    );
  };
  const hasGoneBack = (to: string, from: number) =>
    waitFor(
      async () => {
        const one = await api.get('web');
        return imageOf(one) === to && sentenceOf(one).startsWith(`Rolled back from revision ${from} `)
          ? one
          : undefined;
      },
      { ...waiting, what: `the way back to ${to}` },
    );
  const revision = async () =>
    Number((await api.get('web')).metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  return { cluster, api, setImage, isAvailable, isGood, hasGoneBack, revision };
}

describe.concurrent('automatic rollback', () => {
  it.for(['before', 'after'] as const)(
    'ends the same when the controllers are killed %s any of its writes',
    { timeout: 240_000 },
    async (when, context) => {
      const { cluster, api, setImage, isGood, hasGoneBack, revision } = await start(context, {
        isReady: ({ spec }) => !spec.containers[0]?.image?.startsWith('bad'),
      });
      await api.create(web({}, 1));
      await isGood('good:0', 1);
      let n = 0;
      for (;;) {
        const before = await revision();
        const killed = cluster.killAtWrite(++n, when).then(() => 'killed');
        await setImage(`bad:${n}`);
        const settled = hasGoneBack('good:0', before + 1).then(async (one) => {
          await isGood('good:0', 1);
          return one;
        });
        // Once it ends before the kill, it has been killed at every write there is.
        const isKilled = (await Promise.race([killed, settled])) === 'killed';
        if (isKilled) cluster.startControllers();
        const one = await settled;
        expect(sentenceOf(one)).toContain('made no progress within its deadline');
        expect(one.metadata.annotations?.['kubernetes.io/change-cause']).toBe(sentenceOf(one));
        if (!isKilled) break;
      }
      expect(n).toBeGreaterThan(8);
    },
  );

  it('goes back when containers restart more often than the error budget allows, though all were ready', async (context) => {
    const { cluster, api, setImage, isAvailable, isGood, hasGoneBack } = await start(context);
    await api.create(
      web({ 'pilothouse.io/rollback-restart-budget': '3', 'pilothouse.io/rollback-watch-seconds': '4' }),
    );
    await isGood('good:0');
    await setImage('worse:1');
    await isAvailable('worse:1');
    const podApi = cluster.client.resource(pods, 'default');
    for (const pod of (await podApi.list()).items) {
      const status = { name: 'web', image: 'worse:1', imageID: '', ready: true, restartCount: 2 };
      const body = { status: { containerStatuses: [status] } };
      await podApi.patch(pod.metadata.name, { type: 'merge', body }, { subresource: 'status' });
    }
    const one = await hasGoneBack('good:0', 2);
    expect(sentenceOf(one)).toMatch(/broke its error budget: its containers restarted 4 times, 3 allowed\.$/);
    await waitFor(
      async () =>
        (await cluster.client.resource(events, 'default').list()).items.some(
          ({ reason, message }) => reason === 'RolledBack' && message === sentenceOf(one),
        ),
      { ...waiting, what: 'the event' },
    );
  }, 60_000);
});
