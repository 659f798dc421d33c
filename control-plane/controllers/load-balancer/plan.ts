// Which address a Service of type LoadBalancer has. Pure. An address once given stays while the pool holds it.
import type { Service, ServiceStatus } from '../../../api/kinds/core/index.ts';
import type { AddressPool } from './pool.ts';

export interface LoadBalancerPlan {
  /** The status to write, when it changes. */
  status?: ServiceStatus;
  address?: string;
  /** Why there is no address, told as an event. */
  refusal?: { reason: string; message: string };
}

/** Whether the address pool serves this Service; one with a class of its own is another's. */
export function isServed({ spec, metadata }: Readonly<Service>): boolean {
  return spec.type === 'LoadBalancer' && !spec.loadBalancerClass && metadata.deletionTimestamp === undefined;
}

export function addressOf({ status }: Readonly<Service>): string | undefined {
  return status?.loadBalancer?.ingress?.[0]?.ip;
}

/** @param taken addresses of all other Services */
export function planLoadBalancer(
  service: Readonly<Service>,
  pool: AddressPool,
  taken: ReadonlySet<string>,
): LoadBalancerPlan {
  const current = addressOf(service);
  const withAddress = (address: string | undefined): LoadBalancerPlan => {
    const ingress = address === undefined ? undefined : [{ ip: address, ipMode: 'VIP' }];
    const known = service.status?.loadBalancer?.ingress;
    const isRight =
      address === undefined
        ? (known ?? []).length === 0
        : known?.length === 1 && current === address && known[0]?.ipMode === 'VIP';
    return isRight ? { address } : { address, status: { ...service.status, loadBalancer: ingress ? { ingress } : {} } };
  };
  if (!isServed(service)) return service.spec.type === 'LoadBalancer' ? {} : withAddress(undefined);
  const asked = service.spec.loadBalancerIP;
  const isGood = (address: string | undefined): boolean =>
    address !== undefined && pool.has(address) && !taken.has(address);
  if (asked) {
    if (isGood(asked)) return withAddress(asked);
    const why = pool.has(asked) ? 'another Service has it' : 'the address pool does not hold it';
    return {
      ...withAddress(undefined),
      refusal: { reason: 'AddressUnavailable', message: `The address ${asked} cannot be given: ${why}.` },
    };
  }
  const address = isGood(current) ? current : pool.free(taken);
  if (address !== undefined) return withAddress(address);
  return {
    ...withAddress(undefined),
    refusal: { reason: 'AddressPoolExhausted', message: 'No address of the load balancer pool is free.' },
  };
}
