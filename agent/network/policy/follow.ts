// All pods and namespaces of the cluster, followed only while there is a NetworkPolicy, and only what policies read:
// on a node of a large cluster whole pods would cost more memory than the rest of the agent.
import { namespaces, pods } from '../../../api/kinds/core/index.ts';
import type { Namespace, Pod } from '../../../api/kinds/core/index.ts';
import { createInformer } from '../../../machinery/informer.ts';
import type { Informer } from '../../../machinery/informer.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';

export interface FollowedCluster {
  readonly pods: Informer<Pod>;
  readonly namespaces: Informer<Namespace>;
}

export type FollowCluster = (signal: AbortSignal) => FollowedCluster;

function smallPod(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels } = pod.metadata;
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((container) =>
    container.ports?.some((port) => port.name !== undefined) ? [{ name: container.name, ports: container.ports }] : [],
  );
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp, labels },
    spec: { nodeName: pod.spec.nodeName, hostNetwork: pod.spec.hostNetwork, containers },
    status: { phase: pod.status?.phase, podIP: pod.status?.podIP },
  } as Pod;
}

/** Follows through an API client; each call starts informers that end with its signal. */
export function followCluster(client: RestClient, logger: Logger): FollowCluster {
  return (signal) => {
    const followed = {
      pods: createInformer<Pod>({ client, resource: pods, transform: smallPod, logger }),
      namespaces: createInformer<Namespace>({ client, resource: namespaces, logger }),
    };
    void followed.pods.run(signal);
    void followed.namespaces.run(signal);
    return followed;
  };
}
