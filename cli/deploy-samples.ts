// Deploys sample applications through the API, as any client would. Running it again changes nothing.
import { isApiError } from '../api/meta/status.ts';
import type { Draft, KubernetesObject } from '../api/meta/object-meta.ts';
import { deployments, type Deployment } from '../api/kinds/apps/index.ts';
import { namespaces, type Namespace, type Service, services } from '../api/kinds/core/index.ts';
import { clusterOf, loadKubeconfig } from '../machinery/kubeconfig.ts';
import { createRestClient, type ResourceClient, type RestClient } from '../machinery/rest-client.ts';
import { createHttpsTransport } from '../machinery/transport/https.ts';
import { systemClock } from '../machinery/clock.ts';
import type { SampleApplication } from './sample-applications.data.ts';

function deploymentOf(application: SampleApplication): Draft<Deployment> {
  const { namespace, name, replicas, image, cpu, memory, port } = application;
  const labels = { app: name };
  const probe = { httpGet: { path: '/', port: 'http' }, periodSeconds: 2 };
  return {
    metadata: { namespace, name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'main',
              image,
              imagePullPolicy: 'IfNotPresent',
              env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
              resources: { requests: { cpu, memory }, limits: { memory } },
              ...(port === undefined ? {} : { ports: [{ name: 'http', containerPort: port }], readinessProbe: probe }),
            },
          ],
        },
      },
    },
  } as Draft<Deployment>;
}

function serviceOf(application: SampleApplication): Draft<Service> | undefined {
  const { namespace, name, port, nodePort } = application;
  if (port === undefined) return undefined;
  return {
    metadata: { namespace, name, labels: { app: name } },
    spec: {
      type: nodePort === undefined ? 'ClusterIP' : 'NodePort',
      selector: { app: name },
      ports: [{ name: 'http', port: 80, targetPort: 'http', ...(nodePort === undefined ? {} : { nodePort }) }],
    },
  } as Draft<Service>;
}

/** Looks before it creates: a Service whose node port is its own already is refused for the port, not for its name. */
async function createOnce<T extends KubernetesObject>(client: ResourceClient<T>, object: Draft<T>): Promise<void> {
  try {
    await client.get(object.metadata.name ?? '');
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    await client.create(object);
  }
}

/** A client for the cluster of this kubeconfig's current context. */
export function connect(kubeconfigPath: string): RestClient {
  return createRestClient({ transport: createHttpsTransport(clusterOf(loadKubeconfig(kubeconfigPath))) });
}

/** Creates the applications, their namespaces and Services; what exists already is left as it is. */
export async function deploySamples(client: RestClient, applications: readonly SampleApplication[]): Promise<void> {
  for (const namespace of new Set(applications.map((application) => application.namespace))) {
    if (namespace === 'default') continue;
    await createOnce<Namespace>(client.resource(namespaces), { metadata: { name: namespace } } as Draft<Namespace>);
  }
  for (const application of applications) {
    await createOnce<Deployment>(client.resource(deployments, application.namespace), deploymentOf(application));
    const service = serviceOf(application);
    if (service !== undefined) await createOnce<Service>(client.resource(services, application.namespace), service);
  }
}

/** Waits until every replica of the application is available; throws when the signal aborts first. */
export async function untilAvailable(
  client: RestClient,
  application: SampleApplication,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { status } = await client.resource(deployments, application.namespace).get(application.name, { signal });
    if ((status?.availableReplicas ?? 0) >= application.replicas) return;
    await systemClock.sleep(200, signal);
  }
}
