// What a ServiceCIDR needs next: its finalizer, its condition Ready, or to be let go once no address depends on it.
// Pure; the rules are those of upstream's servicecidrs controller.
import type { IPAddress, ServiceCIDR } from '../../../api/kinds/networking/index.ts';
import type { Condition } from '../../../api/kinds/meta/index.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { conditionOf } from '../conditions.ts';
import { contains, parseAddress, parseRange } from './ranges.ts';
import type { Range } from './ranges.ts';

export const cidrFinalizer = 'networking.k8s.io/service-cidr-finalizer';
export const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
export const allocatorName = 'ipallocator.k8s.io';
/** API servers may go on giving addresses of a range for so long after its deletion. */
const deletionGraceMs = 10_000;

export type ServiceCidrPlan =
  | { readonly do: 'nothing' }
  | { readonly do: 'protect' }
  | { readonly do: 'report'; readonly condition: Condition }
  | { readonly do: 'wait'; readonly forMs: number }
  | { readonly do: 'release' };

/** @param all every ServiceCIDR of the cluster, this one among them */
export function planServiceCidr(
  cidr: Readonly<ServiceCIDR>,
  all: readonly Readonly<ServiceCIDR>[],
  addresses: readonly Readonly<IPAddress>[],
  nowMs: number,
): ServiceCidrPlan {
  const isProtected = cidr.metadata.finalizers?.includes(cidrFinalizer) ?? false;
  const report = (status: string, reason: string, message: string): ServiceCidrPlan => {
    const known = conditionOf(cidr.status?.conditions, 'Ready');
    if (known?.status === status && known.reason === reason && known.message === message) return { do: 'nothing' };
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : formatTime(nowMs);
    return { do: 'report', condition: { type: 'Ready', status, reason, message, lastTransitionTime } as Condition };
  };
  if (cidr.metadata.deletionTimestamp === undefined) {
    if (!isProtected) return { do: 'protect' };
    if (conditionOf(cidr.status?.conditions, 'Ready')?.status === 'True') return { do: 'nothing' };
    return report('True', '', 'Kubernetes Service CIDR is ready');
  }
  if (!isProtected) return { do: 'nothing' };
  if (isNeeded(cidr, all, addresses)) {
    const message =
      'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
    return report('False', 'Terminating', message);
  }
  const leftMs = Date.parse(cidr.metadata.deletionTimestamp) + deletionGraceMs - nowMs;
  return leftMs > 0 ? { do: 'wait', forMs: Math.min(leftMs, deletionGraceMs) } : { do: 'release' };
}

/** Whether an address would be in no range if this one went. */
function isNeeded(
  cidr: Readonly<ServiceCIDR>,
  all: readonly Readonly<ServiceCIDR>[],
  addresses: readonly Readonly<IPAddress>[],
): boolean {
  const own = rangesOf(cidr);
  const others = all.filter(({ metadata }) => metadata.name !== cidr.metadata.name).flatMap(rangesOf);
  if (own.every((range) => others.some((other) => contains(other, range)))) return false;
  return addresses.some(({ metadata }) => {
    if (metadata.labels?.[managedByLabel] !== allocatorName) return false;
    const address = parseAddress(metadata.name);
    if (address === undefined || !own.some((range) => contains(range, address))) return false;
    return !others.some((other) => contains(other, address));
  });
}

/** The ranges of a ServiceCIDR that can be read. */
export function rangesOf({ spec }: Readonly<ServiceCIDR>): Range[] {
  return (spec?.cidrs ?? []).flatMap((text) => parseRange(text) ?? []);
}
