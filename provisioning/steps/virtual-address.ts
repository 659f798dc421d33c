// The API's virtual address: the cluster's own Service of the API becomes a load balancer of that address, which the agents
// hold and announce (gratuitous ARP) wherever a node is well, and which leads to whichever API servers are. Done when the API
// answers there. Given back, the Service is what it was.
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { ask } from '../nodes/node-requests.ts';
import { virtualAddressOf } from '../pki/cluster-pki.ts';
import { adminClient, adminClientAt, until } from '../run/api.ts';
import type { ClusterContext, ConsoleStep } from '../run/step.ts';

const path = '/api/v1/namespaces/default/services/kubernetes';
/** Of a class of its own: the pool of addresses for other Services has nothing to do with it. */
const loadBalancerClass = 'pilothouse.io/virtual-address';
const answerMs = 2_000;
const appearMs = 60_000;

interface Service {
  readonly spec?: { readonly type?: string; readonly loadBalancerClass?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

/** The address that the Service has from this step; undefined when it has none. Pure. */
export function addressOf({ spec, status }: Service): string | undefined {
  if (spec?.type !== 'LoadBalancer' || spec.loadBalancerClass !== loadBalancerClass) return undefined;
  return status?.loadBalancer?.ingress?.[0]?.ip;
}

/** Changes to the Service's spec and to its status, as merge patches. Pure. */
export function patchesFor(address: string | undefined): readonly [spec: object, status: object] {
  if (address === undefined) {
    const spec = { type: 'ClusterIP', loadBalancerClass: null, allocateLoadBalancerNodePorts: null };
    return [{ spec }, { status: { loadBalancer: null } }];
  }
  const spec = { type: 'LoadBalancer', loadBalancerClass, allocateLoadBalancerNodePorts: false };
  return [{ spec }, { status: { loadBalancer: { ingress: [{ ip: address, ipMode: 'VIP' }] } } }];
}

async function present(cluster: ClusterContext): Promise<string | undefined> {
  const client = await adminClient(cluster);
  try {
    return addressOf(JSON.parse((await ask(client, 'GET', path, undefined, cluster.signal)).body) as Service);
  } finally {
    client.close();
  }
}

/** Why the API does not answer at `address`; undefined when it does. */
async function problemAt(cluster: ClusterContext, address: string): Promise<string | undefined> {
  const client = await adminClientAt(cluster, [`https://${address}`]);
  try {
    const signal = AbortSignal.any([cluster.signal, AbortSignal.timeout(answerMs)]);
    const response = await client.request({ method: 'GET', path: '/readyz', signal });
    const body = await response.text();
    return response.status === 200 ? undefined : body;
  } catch (error) {
    cluster.signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  } finally {
    client.close();
  }
}

export const virtualAddressStep: ConsoleStep = {
  kind: 'virtual-address',
  async check(cluster) {
    const wanted = virtualAddressOf(cluster.spec);
    if ((await present(cluster)) !== wanted) return false;
    return wanted === undefined || (await problemAt(cluster, wanted)) === undefined;
  },
  async apply(cluster) {
    const address = virtualAddressOf(cluster.spec);
    const [spec, status] = patchesFor(address);
    const client = await adminClient(cluster);
    try {
      await ask(client, 'PATCH', path, spec, cluster.signal);
      await ask(client, 'PATCH', `${path}/status`, status, cluster.signal);
    } finally {
      client.close();
    }
    if (address === undefined) return;
    try {
      await until({ signal: cluster.signal, timeoutMs: appearMs }, () => problemAt(cluster, address));
    } catch (cause) {
      cluster.signal.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ProvisioningError(
        'VirtualAddress',
        text('error.virtualAddress', { address, reason }),
        text('error.virtualAddress.remedy', { address }),
        cause,
      );
    }
  },
};
