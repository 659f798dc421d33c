// Keeps Service default/kubernetes pointing at the API servers that live. Each renews a Lease of its own in kube-system
// that names its address; whoever sees a difference writes the EndpointSlice and the Endpoints. A server that stops takes
// itself out; one that dies drops out when its Lease is a minute old.
import { createHash } from 'node:crypto';
import type { Lease } from '../../api/kinds/coordination/index.ts';
import { leases } from '../../api/kinds/coordination/index.ts';
import { endpoints } from '../../api/kinds/core/index.ts';
import type { Endpoints } from '../../api/kinds/core/index.ts';
import { endpointSlices } from '../../api/kinds/discovery/index.ts';
import type { EndpointSlice } from '../../api/kinds/discovery/index.ts';
import type { Draft, KubernetesObject } from '../../api/meta/object-meta.ts';
import { isApiError } from '../../api/meta/status.ts';
import { formatMicroTime, parseTime } from '../../api/meta/time.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { ResourceRef, RestClient } from '../../machinery/rest-client.ts';

const renewMs = 10_000;
const leaseDurationMs = 60_000;
const identityLabel = 'apiserver.kubernetes.io/identity';
const addressAnnotation = 'pilothouse.io/api-server-address';

export interface ApiServerEndpointsOptions {
  readonly client: RestClient;
  /** Where other machines reach this server. */
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Runs until the signal aborts, then withdraws this server. */
export async function runApiServerEndpoints(options: ApiServerEndpointsOptions): Promise<void> {
  const { client, address, port, clock, logger, signal } = options;
  const target = `${address}:${port}`;
  const name = `apiserver-${createHash('sha256').update(target).digest('hex').slice(0, 26)}`;
  const api = client.resource(leases, 'kube-system');

  const renew = async (): Promise<void> => {
    const spec = {
      holderIdentity: name,
      leaseDurationSeconds: leaseDurationMs / 1000,
      renewTime: formatMicroTime(clock.now()),
    };
    const labels = { [identityLabel]: 'pilothouse' };
    const annotations = { [addressAnnotation]: target };
    const body = { metadata: { labels, annotations }, spec };
    try {
      await api.patch(name, { type: 'merge', body });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      await api.create({ metadata: { name, labels, annotations }, spec } as Draft<Lease>);
    }
  };

  const reconcile = async (): Promise<void> => {
    const { items } = await api.list({ labelSelector: identityLabel });
    const nowMs = clock.now();
    const isDead = (lease: Lease): boolean => nowMs - (parseTime(lease.spec?.renewTime ?? '') ?? 0) > leaseDurationMs;
    const living = items.filter((lease) => !isDead(lease));
    for (const lease of items.filter(isDead)) await api.delete(lease.metadata.name);
    await publish(client, living.map((lease) => lease.metadata.annotations?.[addressAnnotation] ?? '').filter(Boolean));
  };

  while (!signal.aborted) {
    try {
      await renew();
      await reconcile();
    } catch (err) {
      if (!signal.aborted) logger.warn({ err }, 'publishing the address of this API server');
    }
    await clock.sleep(renewMs, signal);
  }
  try {
    await api.delete(name, { signal: AbortSignal.timeout(1000) });
    await reconcile();
  } catch (err) {
    logger.debug({ err }, 'withdrawing this API server; its lease will run out');
  }
}

async function publish(client: RestClient, targets: readonly string[]): Promise<void> {
  const parsed = [...new Set(targets)].sort().map((target) => {
    const colon = target.lastIndexOf(':');
    return { address: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
  });
  const ports = [...new Set(parsed.map(({ port }) => port))];
  const port = ports[0] ?? 6443;
  const addresses = parsed.filter((one) => one.port === port).map(({ address }) => address);
  const common = { name: 'kubernetes', namespace: 'default' };
  const slice = {
    metadata: { ...common, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: addresses[0]?.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  } as Draft<EndpointSlice>;
  const subsets =
    addresses.length === 0
      ? []
      : [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'https', port, protocol: 'TCP' }] }];
  const old = {
    metadata: { ...common, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets,
  } as Draft<Endpoints>;
  await put(client, endpointSlices as ResourceRef<EndpointSlice>, slice, ({ endpoints: list, ports: p }) => ({
    list,
    p,
  }));
  await put(client, endpoints as ResourceRef<Endpoints>, old, ({ subsets: list }) => ({ list: list ?? [] }));
}

/** Creates the object, or updates it where what `facts` tells differs. */
async function put<T extends KubernetesObject>(
  client: RestClient,
  resource: ResourceRef<T>,
  wanted: Draft<T>,
  facts: (object: T) => object,
): Promise<void> {
  const api = client.resource(resource, 'default');
  try {
    const current = await api.get(wanted.metadata.name ?? '');
    const next = { ...current, ...wanted, metadata: current.metadata } as T;
    if (JSON.stringify(facts(current)) !== JSON.stringify(facts(next))) await api.update(next);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    await api.create(wanted);
  }
}
