// The objects that every cluster begins with. Creates what is missing and leaves what is there, so any master may run it.
import type { Draft, KubernetesObject } from '../../api/meta/object-meta.ts';
import { isApiError } from '../../api/meta/status.ts';
import { namespaces, services } from '../../api/kinds/core/index.ts';
import { priorityClasses } from '../../api/kinds/scheduling/index.ts';
import { systemClock } from '../../machinery/clock.ts';
import type { ResourceRef, RestClient } from '../../machinery/rest-client.ts';

const attempts = 20;
const retryDelayMs = 500;

export interface BootstrapOptions {
  readonly client: RestClient;
  /** The address of Service default/kubernetes. */
  readonly kubernetesAddress: string;
  readonly clusterDns: string;
  readonly apiPort: number;
}

interface Wanted {
  readonly resource: ResourceRef;
  readonly namespace?: string;
  readonly object: object;
}

/** Creates the namespaces, the priority classes and the two Services that clusters rely on. */
export async function createBootstrapObjects(options: BootstrapOptions): Promise<void> {
  const first = bootstrapNamespaces.map((name): Wanted => ({
    resource: namespaces as ResourceRef,
    object: { metadata: { name } },
  }));
  await Promise.all(first.map((wanted) => createOnce(options.client, wanted)));
  const rest = [...systemPriorityClasses(), kubernetesService(options), dnsService(options)];
  await Promise.all(rest.map((wanted) => createOnce(options.client, wanted)));
}

const bootstrapNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

function systemPriorityClasses(): Wanted[] {
  const resource = priorityClasses as ResourceRef;
  const description = (who: string): string => `Used for system critical pods that must ${who}.`;
  return [
    {
      resource,
      object: {
        metadata: { name: 'system-cluster-critical' },
        value: 2_000_000_000,
        description: description('run in the cluster, but can be moved to another node if necessary'),
      },
    },
    {
      resource,
      object: {
        metadata: { name: 'system-node-critical' },
        value: 2_000_001_000,
        description: description('not be moved from their current node'),
      },
    },
  ];
}

function kubernetesService({ kubernetesAddress, apiPort }: BootstrapOptions): Wanted {
  return {
    resource: services as ResourceRef,
    namespace: 'default',
    object: {
      metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: kubernetesAddress,
        clusterIPs: [kubernetesAddress],
        sessionAffinity: 'None',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: apiPort }],
      },
    },
  };
}

/** The cluster's DNS answers at this address on every node without endpoints; the Service reserves and names it. */
function dnsService({ clusterDns }: BootstrapOptions): Wanted {
  return {
    resource: services as ResourceRef,
    namespace: 'kube-system',
    object: {
      metadata: { name: 'kube-dns', labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: clusterDns,
        clusterIPs: [clusterDns],
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        ],
      },
    },
  };
}

async function createOnce(client: RestClient, { resource, namespace, object }: Wanted): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.resource(resource, namespace).create(object as Draft<KubernetesObject>);
      return;
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) return;
      if (attempt === attempts || !isPassing(error)) throw error;
      await systemClock.sleep(retryDelayMs);
    }
  }
}

/** A machine that has just been switched on may be slow, and etcd on it slower. */
function isPassing(error: unknown): boolean {
  return (['ServiceUnavailable', 'InternalError', 'Timeout', 'ServerTimeout', 'TooManyRequests'] as const).some(
    (reason) => isApiError(error, reason),
  );
}
