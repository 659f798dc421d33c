// Disruption budgets and autoscalers of workloads that are none of ours, or nobody's, on a real API server.
import { afterEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { ResourceRef } from '../../../machinery/rest-client.ts';
import type { TestCluster } from './cluster.ts';
import { customResourceDefinitions } from '../../../api/kinds/apiextensions/index.ts';
import type { JSONSchemaProps } from '../../../api/kinds/apiextensions/index.ts';
import { deployments } from '../../../api/kinds/apps/index.ts';
import { horizontalPodAutoscalers } from '../../../api/kinds/autoscaling/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { podDisruptionBudgets } from '../../../api/kinds/policy/index.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
afterEach(() => cluster.close());

const waiting = { timeoutMs: 20_000, intervalMs: 50 };
const selector = { matchLabels: { app: 'web' } };

interface Crew extends KubernetesObject {
  spec: { replicas: number; selector: string };
  status?: { replicas: number; selector: string };
}
const crews: ResourceRef<Crew> = {
  group: 'example.com',
  version: 'v1',
  kind: 'Crew',
  plural: 'people',
  namespaced: true,
};

/** A kind of its own, with a plural that nobody would guess and a scale subresource. */
async function defineCrews(): Promise<void> {
  const number: JSONSchemaProps = { type: 'integer' };
  const object = (properties: Record<string, JSONSchemaProps>): JSONSchemaProps => ({ type: 'object', properties });
  await cluster.client.resource(customResourceDefinitions).create({
    metadata: { name: 'people.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'people', kind: 'Crew', singular: 'crew' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          schema: {
            openAPIV3Schema: object({
              spec: object({ replicas: number, selector: { type: 'string' } }),
              status: object({ replicas: number, selector: { type: 'string' } }),
            }),
          },
        },
      ],
    },
  });
  await waitFor(() => cluster.client.resource(crews, 'default').list(), { ...waiting, what: 'the kind to be served' });
}
async function makeCrew(name: string, replicas: number): Promise<Crew> {
  const api = cluster.client.resource(crews, 'default');
  const made = await api.create({ metadata: { name }, spec: { replicas, selector: 'app=web' } });
  return api.updateStatus({ ...made, status: { replicas, selector: 'app=web' } });
}
const makePods = (
  count: number,
  owner?: { apiVersion: string; kind: string; metadata: KubernetesObject['metadata'] },
) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      cluster.client.resource(pods, 'default').create({
        metadata: {
          name: `web-${i}`,
          labels: { app: 'web' },
          ...(owner && {
            ownerReferences: [
              {
                apiVersion: owner.apiVersion,
                kind: owner.kind,
                name: owner.metadata.name,
                uid: owner.metadata.uid,
                controller: true,
              },
            ],
          }),
        },
        spec: { containers: [{ name: 'c', image: 'x' }] },
      }),
    ),
  );
const budgetBecomes = (what: string, wanted: object) =>
  waitFor(
    async () => {
      const { status } = await cluster.client.resource(podDisruptionBudgets, 'default').get('web');
      const facts = status && {
        expected: status.expectedPods,
        allowed: status.disruptionsAllowed,
        reason: status.conditions?.[0]?.reason,
      };
      return JSON.stringify(facts) === JSON.stringify(wanted);
    },
    { ...waiting, what },
  );

describe('a budget that is a share', () => {
  it('is a share of what the workload wants, of whatever kind that is', async () => {
    cluster = await startCluster();
    await defineCrews();
    const crew = await makeCrew('crew', 5);
    await makePods(4, crew);
    await cluster.client
      .resource(podDisruptionBudgets, 'default')
      .create({ metadata: { name: 'web' }, spec: { maxUnavailable: '40%', selector } });
    await budgetBecomes('one of five', { expected: 5, allowed: 1, reason: 'SufficientPods' });
  }, 40_000);

  it('allows nothing for pods that nobody manages, and where it cannot be told', async () => {
    cluster = await startCluster();
    const budgetApi = cluster.client.resource(podDisruptionBudgets, 'default');
    await makePods(3);
    await budgetApi.create({ metadata: { name: 'web' }, spec: { maxUnavailable: 1, selector } });
    await budgetBecomes('nothing', { expected: 0, allowed: 0, reason: 'InsufficientPods' });
    const stranger = { apiVersion: 'nowhere.example.com/v1', kind: 'Thing', metadata: { name: 't', uid: 'u' } };
    const [, , last] = (await cluster.client.resource(pods, 'default').list()).items;
    const owner = { ...stranger, name: 't', uid: 'u', controller: true, metadata: undefined };
    await cluster.client
      .resource(pods, 'default')
      .patch(last?.metadata.name ?? '', { type: 'merge', body: { metadata: { ownerReferences: [owner] } } });
    await budgetBecomes('a failure', { expected: 0, allowed: 0, reason: 'SyncFailed' });
    await budgetApi.patch('web', { type: 'merge', body: { spec: { maxUnavailable: null, minAvailable: 2 } } });
    await budgetBecomes('one of three', { expected: 3, allowed: 1, reason: 'SufficientPods' });
  }, 40_000);
});

describe('an autoscaler', () => {
  const autoscaler = (name: string, minReplicas: number, maxReplicas: number, kind = 'Crew') =>
    cluster.client.resource(horizontalPodAutoscalers, 'default').create({
      metadata: { name },
      spec: {
        minReplicas,
        maxReplicas,
        scaleTargetRef: { apiVersion: kind === 'Crew' ? 'example.com/v1' : 'apps/v1', kind, name: 'crew' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    });

  it('mends a bound that is broken at once, without any figures and of whatever kind', async () => {
    cluster = await startCluster({ settings: { autoscalerSyncMs: 300 } });
    await defineCrews();
    await makeCrew('crew', 9);
    await autoscaler('large', 1, 4);
    const size = async () => (await cluster.client.resource(crews, 'default').get('crew')).spec.replicas;
    await waitFor(async () => (await size()) === 4, { ...waiting, what: 'the maximum' });
    const { status } = await cluster.client.resource(horizontalPodAutoscalers, 'default').get('large');
    expect(status).toMatchObject({ desiredReplicas: 4 });
  }, 40_000);

  it('does nothing while another sizes the same pods', async () => {
    cluster = await startCluster({ settings: { autoscalerSyncMs: 300 } });
    await defineCrews();
    const crew = await makeCrew('crew', 2);
    await makePods(2, crew);
    await cluster.client.resource(deployments, 'default').create({
      metadata: { name: 'crew' },
      spec: {
        replicas: 1,
        selector,
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
    });
    await autoscaler('one', 1, 4);
    await autoscaler('two', 1, 4, 'Deployment');
    await waitFor(
      async () => {
        const { items } = await cluster.client.resource(horizontalPodAutoscalers, 'default').list();
        const reasons = items.map(
          ({ status }) => status?.conditions?.find(({ type }) => type === 'ScalingActive')?.reason,
        );
        return reasons.length === 2 && reasons.every((reason) => reason === 'AmbiguousSelector');
      },
      { ...waiting, what: 'both to stand back' },
    );
  }, 40_000);
});
