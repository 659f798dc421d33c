// An autoscaler by real figures: agents answer /stats/summary over TLS, the API server serves metrics.k8s.io from them,
// the controller sizes a Deployment.
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TestCluster } from './cluster.ts';
import { deployments } from '../../../api/kinds/apps/index.ts';
import { horizontalPodAutoscalers } from '../../../api/kinds/autoscaling/index.ts';
import { nodes, pods } from '../../../api/kinds/core/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { issueCertificate } from '../../../machinery/pki/index.ts';
import { requestJson } from '../../../machinery/request.ts';
import { waitFor } from '../../../machinery/wait.ts';
import { startCluster } from './cluster.ts';

let cluster: TestCluster;
let agents: Server;
/** What every running container uses at the moment. */
let milliCpu = 150;

beforeEach(async () => {
  cluster = await startCluster({ nodes: 1, settings: { autoscalerSyncMs: 500 } });
  const serving = await issueCertificate(cluster.ca, { commonName: 'agent', sans: ['127.0.0.1'], usages: ['server'] });
  const options = {
    cert: serving.cert,
    key: serving.key,
    ca: cluster.ca.cert,
    requestCert: true,
    rejectUnauthorized: true,
  };
  agents = createServer(options, (request, response) => {
    if (request.url !== '/stats/summary') return void response.writeHead(404).end();
    void summary().then((body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)));
  });
  await new Promise<void>((resolve) => agents.listen(0, '127.0.0.1', resolve));
  const kubeletEndpoint = { Port: (agents.address() as AddressInfo).port };
  const status = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint } };
  await cluster.client.resource(nodes).patch('node-0', { type: 'merge', body: { status } }, { subresource: 'status' });
});
afterEach(async () => {
  agents.closeAllConnections();
  await new Promise((resolve) => agents.close(resolve));
  await cluster.close();
});

async function summary(): Promise<object> {
  const { items } = await cluster.client.resource(pods).list();
  const time = formatTime(Date.now());
  const usage = { cpu: { time, usageNanoCores: milliCpu * 1e6 }, memory: { time, workingSetBytes: 64 << 20 } };
  return {
    node: { nodeName: 'node-0', ...usage },
    pods: items
      .filter(({ status }) => status?.phase === 'Running')
      .map(({ metadata, spec }) => ({
        podRef: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
        containers: spec.containers.map(({ name }) => ({ name, ...usage })),
      })),
  };
}

/** Figures of a pod count once it has run for a while: these claim to. */
async function letPodsAge(): Promise<void> {
  const api = cluster.client.resource(pods, 'default');
  const startTime = formatTime(Date.now() - 3_600_000);
  for (const { metadata, status } of (await api.list()).items) {
    if (status?.startTime === startTime || status?.phase !== 'Running') continue;
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: startTime }];
    const body = { status: { startTime, conditions } };
    await api.patch(metadata.name, { type: 'strategic', body }, { subresource: 'status' }).catch(() => undefined);
  }
}

const replicas = async (): Promise<number | undefined> =>
  (await cluster.client.resource(deployments, 'default').get('web')).spec.replicas;
const becomes = (wanted: number) =>
  waitFor(
    async () => {
      await letPodsAge();
      return (await replicas()) === wanted;
    },
    { timeoutMs: 60_000, intervalMs: 250, what: `${wanted} replicas` },
  );

it('grows with the load that agents measure, stops at its bounds, and shrinks when the load goes', async () => {
  const { client } = cluster;
  const resources = { requests: { cpu: '100m' } };
  await client.resource(deployments, 'default').create({
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: 'x', resources }] },
      },
    },
  });
  await client.resource(horizontalPodAutoscalers, 'default').create({
    metadata: { name: 'web' },
    spec: {
      minReplicas: 1,
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      behavior: {
        scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Percent', value: 100, periodSeconds: 1 }] },
      },
    },
  });
  await becomes(5);
  const { status } = await client.resource(horizontalPodAutoscalers, 'default').get('web');
  expect(status?.currentMetrics?.[0]?.resource?.current).toMatchObject({ averageUtilization: 150 });
  expect(status?.conditions?.find(({ type }) => type === 'ScalingLimited')).toMatchObject({
    reason: 'TooManyReplicas',
  });

  const top = await requestJson<{ items: { metadata: { name: string }; usage: Record<string, string> }[] }>(
    client.request,
    { method: 'GET', path: '/apis/metrics.k8s.io/v1beta1/nodes', headers: { accept: 'application/json' } },
  );
  expect(top.items).toMatchObject([{ metadata: { name: 'node-0' }, usage: { memory: '65536Ki' } }]);

  milliCpu = 5;
  await becomes(1);
}, 150_000);
