// The same question asked of a running API server: 1,000 nodes and 10,000 bound pods in etcd, a simulation over HTTPS.
// The first answer includes reading the whole cluster into a snapshot; the later ones only follow it.
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import { nodes, pods, serviceAccounts } from '../../api/kinds/core/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import { nodeNamed, podNamed } from '../../control-plane/scheduler/fixtures.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { requestJson } from '../../machinery/request.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { whyNot, withPlane } from './plane.ts';
import type { Figure } from './report.ts';

const nodeCount = 1_000;
const podCount = 10_000;
const inFlight = 64;
const lostNodes = 20;
const rounds = 5;
const json = { accept: 'application/json', 'content-type': 'application/json' };

interface Simulation {
  readonly status: { readonly moved: readonly object[]; readonly pending: readonly object[] };
}

/** Rows about a live cluster, or none with a line that says why. */
export async function livePlacementFigures(log: (line: string) => void): Promise<Figure[]> {
  const obstacle = whyNot();
  if (obstacle !== undefined) {
    log(`a live cluster is skipped: ${obstacle}`);
    return [];
  }
  log(`a live cluster: ${nodeCount} nodes and ${podCount} pods`);
  return withPlane(['api'], async ({ kubeconfig }) => {
    const transport = createHttpsTransport(clusterOf(loadKubeconfig(kubeconfig)));
    const client = createRestClient({ transport, userAgent: 'bench' });
    try {
      await fill(client);
      const first = await simulate(client);
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push(await simulate(client));
      const median = times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
      const atMost = 2_000;
      return [
        { name: 'POST simulations, 20 of 1,000 nodes lost: the first', value: first, unit: 'ms', bar: { atMost } },
        { name: 'POST simulations, 20 of 1,000 nodes lost: later', value: median, unit: 'ms', bar: { atMost } },
      ];
    } finally {
      client.close();
    }
  });
}

/** Makes the cluster, many objects at a time. */
async function fill(client: RestClient): Promise<void> {
  await client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
  const nodeApi = client.resource(nodes);
  await manyTimes(nodeCount, async (i) => {
    const name = `n${i}`;
    const { status } = nodeNamed(name, { cpu: '16', memory: '64Gi' });
    const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `z${i % 3}` };
    await nodeApi.create({ metadata: { name, labels }, spec: {}, status } as Draft<Node>);
    await nodeApi.patch(name, { type: 'merge', body: { spec: { taints: null } } });
  });
  const podApi = client.resource(pods, 'default');
  await manyTimes(podCount, async (i) => {
    const facts = { cpu: '1', memory: '4Gi', controllerUid: `rs${i % 50}`, labels: { app: `a${i % 50}` } };
    const { metadata, spec } = podNamed(`p${i}`, { ...facts, nodeName: `n${i % nodeCount}` });
    const { name, labels, ownerReferences } = metadata;
    await podApi.create({ metadata: { name, labels, ownerReferences }, spec } as Draft<Pod>);
  });
}

async function manyTimes(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** Milliseconds of one answer, which must name every pod of the lost nodes. */
async function simulate(client: RestClient): Promise<number> {
  const changes = Array.from({ length: lostNodes }, (_, i) => ({ type: 'node-lost', node: `n${i}` }));
  const body = JSON.stringify({ spec: { changes } });
  const path = '/apis/pilothouse.io/v1/simulations';
  const begun = performance.now();
  const { status } = await requestJson<Simulation>(client.request, { method: 'POST', path, headers: json, body });
  const tookMs = performance.now() - begun;
  const told = status.moved.length + status.pending.length;
  const lost = (lostNodes * podCount) / nodeCount;
  if (told !== lost) throw new Error(`${told} of ${lost} pods are told of`);
  return tookMs;
}
