// A large cluster for the console's bench: 1,000 machines and 30,000 running pods that our API server serves from memory,
// and pods that change at a wished rate. No agent and no controller takes part, so that nothing but the wished changes
// happens and the machine's cores are left to the console.
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import { namespaces, nodes, pods, serviceAccounts } from '../../api/kinds/core/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { connect } from '../screenshots/seed.ts';
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts';

export const nodeCount = 1_000;
export const podCount = 30_000;
const namespaceCount = 30;
const inFlight = 48;

export interface ScaleCluster {
  readonly controlPlane: TestControlPlane;
  readonly client: RestClient;
  /** Restarts pods as fast as wished, until `stop`, which answers how many pods changed in how long. */
  change(podsPerSecond: number): { stop(): Promise<{ changed: number; ms: number }> };
  close(): Promise<void>;
}

const namespaceOf = (index: number): string => `team-${String(index % namespaceCount).padStart(2, '0')}`;
const nameOf = (index: number): string => `app-${String(Math.floor(index / 100)).padStart(3, '0')}-7d9f8b6c5-${index}`;
const time = '2026-01-01T00:00:00Z';

/** What an agent reports of a pod that runs. */
function running(index: number, restarts: number, ready: boolean): object {
  const status = ready ? 'True' : 'False';
  return {
    phase: 'Running',
    podIP: `10.${Math.floor(index / 65_025)}.${Math.floor(index / 255) % 255}.${index % 255}`,
    startTime: time,
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: type.endsWith('Ready') ? status : 'True',
      lastTransitionTime: time,
    })),
    containerStatuses: [
      {
        name: 'app',
        image: 'harbour/app:1.0',
        imageID: 'sha256:0',
        ready,
        restartCount: restarts,
        state: { running: { startedAt: time } },
      },
    ],
  };
}

/** Does work for 0 … count − 1, many at a time. */
async function manyTimes(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function fill(client: RestClient): Promise<void> {
  await manyTimes(namespaceCount, async (index) => {
    const name = namespaceOf(index);
    await client.resource(namespaces).create({ metadata: { name }, spec: {} });
    await client.resource(serviceAccounts, name).create({ metadata: { name: 'default' } });
  });
  await manyTimes(nodeCount, async (index) => {
    const name = `machine-${index}`;
    const allocatable = { cpu: '16', memory: '64Gi', pods: '110' };
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: time, lastHeartbeatTime: time }];
    const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${index % 3}` };
    const status = { allocatable, capacity: allocatable, conditions };
    await client.resource(nodes).create({ metadata: { name, labels }, spec: {}, status } as Draft<Node>);
    await client.resource(nodes).patch(name, { type: 'merge', body: { spec: { taints: null } } });
  });
  await manyTimes(podCount, async (index) => {
    const [namespace, name] = [namespaceOf(index), nameOf(index)];
    const owner = name.slice(0, name.lastIndexOf('-'));
    const draft = {
      metadata: {
        name,
        labels: { app: owner, 'pod-template-hash': '7d9f8b6c5' },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
      },
      spec: {
        nodeName: `machine-${index % nodeCount}`,
        containers: [
          {
            name: 'app',
            image: 'harbour/app:1.0',
            env: [{ name: 'PORT', value: '8080' }],
            ports: [{ containerPort: 8080 }],
            resources: { requests: { cpu: '200m', memory: '256Mi' } },
          },
        ],
      },
    };
    await client.resource(pods, namespace).create(draft as unknown as Draft<Pod>);
    await report(client, index, 0, true);
  });
}

/** Reports a pod's state as its agent would. */
export async function report(client: RestClient, index: number, restarts: number, ready: boolean): Promise<void> {
  const body = { status: running(index, restarts, ready) };
  const podsOf = client.resource(pods, namespaceOf(index));
  await podsOf.patch(nameOf(index), { type: 'merge', body }, { subresource: 'status' });
}

function change(client: RestClient, podsPerSecond: number): ReturnType<ScaleCluster['change']> {
  const begun = performance.now();
  let changed = 0;
  let stopped = false;
  const worker = async (): Promise<void> => {
    while (!stopped) {
      const due = begun + (changed / podsPerSecond) * 1000;
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      // A walk that comes past every pod once before it repeats itself.
      const index = (changed++ * 7919) % podCount;
      const round = Math.floor(changed / podCount) + 1;
      try {
        await report(client, index, round, (index + round) % 3 !== 0);
      } catch (error) {
        if (!stopped) throw error;
      }
    }
  };
  let failure: unknown;
  const workers = Promise.all(Array.from({ length: inFlight }, worker)).catch((error: unknown) => (failure = error));
  return {
    async stop() {
      stopped = true;
      await workers;
      if (failure !== undefined) throw failure;
      return { changed, ms: performance.now() - begun };
    },
  };
}

/** Starts and fills it; takes about a minute. */
export async function startScaleCluster(): Promise<ScaleCluster> {
  const controlPlane = await startControlPlane({ store: 'memory', flags: ['--components', 'api'] });
  const client = connect(controlPlane.kubeconfigPath);
  const close = async (): Promise<void> => {
    client.close();
    await controlPlane.close();
  };
  try {
    await fill(client);
  } catch (error) {
    await close();
    throw error;
  }
  return { controlPlane, client, change: (podsPerSecond) => change(client, podsPerSecond), close };
}
