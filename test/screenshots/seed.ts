// Something to see on the pictures: workloads of several namespaces, one with a history, one that finds no machine.
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import { namespaces, pods, type Namespace, type Pod } from '../../api/kinds/core/index.ts';
import type { Draft, KubernetesObject } from '../../api/meta/object-meta.ts';
import { isApiError } from '../../api/meta/status.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient, type ResourceClient, type RestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { until } from '../support/until.ts';

interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly replicas: number;
  readonly cpu: string;
  readonly memory: string;
}

const workloads: readonly Workload[] = [
  { namespace: 'default', name: 'web', image: 'harbour/web:1.0', replicas: 18, cpu: '150m', memory: '192Mi' },
  { namespace: 'shop', name: 'cart', image: 'harbour/cart:3.2', replicas: 14, cpu: '200m', memory: '256Mi' },
  { namespace: 'shop', name: 'checkout', image: 'harbour/checkout:1.9', replicas: 9, cpu: '250m', memory: '384Mi' },
  { namespace: 'shop', name: 'search', image: 'harbour/search:5.0', replicas: 22, cpu: '300m', memory: '512Mi' },
  { namespace: 'data', name: 'cache', image: 'harbour/cache:7.4', replicas: 6, cpu: '500m', memory: '1Gi' },
  { namespace: 'data', name: 'trainer', image: 'harbour/trainer:0.3', replicas: 2, cpu: '900', memory: '64Gi' },
];

/** A client of the cluster. */
export function connect(kubeconfig: string): RestClient {
  return createRestClient({ transport: createHttpsTransport(clusterOf(loadKubeconfig(kubeconfig))) });
}

function deploymentOf({ namespace, name, image, replicas, cpu, memory }: Workload): Draft<Deployment> {
  const labels = { app: name };
  return {
    metadata: { namespace, name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image, resources: { requests: { cpu, memory } } }] },
      },
    },
  } as unknown as Draft<Deployment>;
}

async function createOnce<T extends KubernetesObject>(objects: ResourceClient<T>, draft: Draft<T>): Promise<void> {
  try {
    await objects.create(draft);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

/** Creates the workloads, and gives `web` two further revisions. Running it again changes nothing. */
export async function seedCluster(kubeconfig: string): Promise<void> {
  const client = connect(kubeconfig);
  for (const name of ['shop', 'data']) {
    await createOnce(client.resource<Namespace>(namespaces), { metadata: { name } } as Draft<Namespace>);
  }
  for (const workload of workloads) {
    await createOnce(client.resource<Deployment>(deployments, workload.namespace), deploymentOf(workload));
  }
  const web = client.resource<Deployment>(deployments, 'default');
  for (const image of ['harbour/web:1.1', 'harbour/web:1.2']) {
    await until('web to be available', async () => ((await web.get('web')).status?.availableReplicas ?? 0) >= 18);
    const now = (await web.get('web')).spec.template.spec?.containers[0]?.image ?? '';
    if (now >= image) continue;
    const body = { spec: { template: { spec: { containers: [{ name: 'main', image }] } } } };
    await web.patch('web', { type: 'strategic', body });
    await until(`${image} to be observed`, async () => {
      const { status, metadata } = await web.get('web');
      return status?.observedGeneration === metadata.generation && status?.updatedReplicas === 18;
    });
  }
  client.close();
}

/** Resolves when all pods that can run do. */
export async function settled(kubeconfig: string): Promise<void> {
  const client = connect(kubeconfig);
  await until('the pods to run', async () => {
    const { items } = await client.resource<Pod>(pods).list();
    return (
      items.length > 0 &&
      items.every(({ status, metadata }) => status?.phase === 'Running' || metadata.name.startsWith('trainer'))
    );
  });
  client.close();
}
