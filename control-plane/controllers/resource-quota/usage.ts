// What an object takes of a ResourceQuota, and which quotas it counts for. Pure; shared with admission, which charges a
// write before it is made with the same figures that the controller later counts.
import type { PersistentVolumeClaim, Pod, PodSpec, ResourceQuota, Service } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { addQuantities, canonicalQuantity, compareQuantities } from '../../../api/meta/quantity.ts';
import { isFinished } from '../pod-state.ts';

/** Amounts by resource name, as canonical quantities. */
export type Usage = Record<string, string>;

const counted: Record<string, string> = {
  pods: 'pods',
  services: 'services',
  secrets: 'secrets',
  configmaps: 'configmaps',
  replicationcontrollers: 'replicationcontrollers',
  resourcequotas: 'resourcequotas',
  persistentvolumeclaims: 'persistentvolumeclaims',
};

/** The sum of two usages. */
export function addUsage(a: Readonly<Usage>, b: Readonly<Usage>): Usage {
  const sum: Usage = { ...a };
  for (const [name, amount] of Object.entries(b))
    sum[name] = sum[name] === undefined ? amount : addQuantities(sum[name], amount);
  return sum;
}

/** What one object of a resource takes. */
export function usageOf(
  resource: { readonly group: string; readonly plural: string },
  object: Readonly<KubernetesObject>,
): Usage {
  const { group, plural } = resource;
  const usage: Usage = { [group === '' ? `count/${plural}` : `count/${plural}.${group}`]: '1' };
  if (group !== '') return usage;
  if (plural === 'pods') return { ...usage, ...podUsage(object as Pod) };
  const name = counted[plural];
  if (name !== undefined) usage[name] = '1';
  if (plural === 'services') Object.assign(usage, serviceUsage(object as Service));
  if (plural === 'persistentvolumeclaims') Object.assign(usage, claimUsage(object as PersistentVolumeClaim));
  return usage;
}

function podUsage(pod: Readonly<Pod>): Usage {
  if (isFinished(pod)) return {};
  const usage: Usage = { pods: '1' };
  for (const [name, amount] of Object.entries(podResources(pod.spec, 'requests'))) {
    usage[`requests.${name}`] = amount;
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage') usage[name] = amount;
    if (name.startsWith('hugepages-')) usage[name] = amount;
  }
  for (const [name, amount] of Object.entries(podResources(pod.spec, 'limits'))) usage[`limits.${name}`] = amount;
  return usage;
}

/** The most that the pod needs at any time: all containers and sidecars together, or the largest init container before. */
export function podResources(spec: Readonly<PodSpec>, kind: 'requests' | 'limits'): Usage {
  let running: Usage = {};
  for (const { resources } of spec.containers) running = addUsage(running, canonical(resources?.[kind]));
  let sidecars: Usage = {};
  let starting: Usage = {};
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const own = canonical(resources?.[kind]);
    if (restartPolicy === 'Always') sidecars = addUsage(sidecars, own);
    starting = largest(starting, restartPolicy === 'Always' ? sidecars : addUsage(own, sidecars));
  }
  const most = largest(addUsage(running, sidecars), starting);
  if (spec.overhead === undefined) return most;
  const overhead = canonical(spec.overhead);
  // Overhead adds to limits only where there is one.
  const applies = Object.entries(overhead).filter(([name]) => kind === 'requests' || most[name] !== undefined);
  return addUsage(most, Object.fromEntries(applies));
}

function canonical(amounts: Readonly<Record<string, string | number>> | undefined): Usage {
  return Object.fromEntries(Object.entries(amounts ?? {}).map(([name, amount]) => [name, canonicalQuantity(amount)]));
}

function largest(a: Readonly<Usage>, b: Readonly<Usage>): Usage {
  const most: Usage = { ...a };
  for (const [name, amount] of Object.entries(b))
    if (most[name] === undefined || compareQuantities(most[name], amount) < 0) most[name] = amount;
  return most;
}

function serviceUsage({ spec }: Readonly<Service>): Usage {
  const ports = String(spec.ports?.length ?? 0);
  if (spec.type === 'NodePort') return { 'services.nodeports': ports };
  if (spec.type !== 'LoadBalancer') return {};
  return {
    'services.loadbalancers': '1',
    'services.nodeports': spec.allocateLoadBalancerNodePorts === false ? '0' : ports,
  };
}

function claimUsage({ spec, metadata }: Readonly<PersistentVolumeClaim>): Usage {
  const storage = spec?.resources?.requests?.['storage'];
  const className = spec?.storageClassName ?? metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  const perClass = className ? `${className}.storageclass.storage.k8s.io` : undefined;
  return {
    ...(storage ? { 'requests.storage': canonicalQuantity(storage) } : {}),
    ...(perClass ? { [`${perClass}/persistentvolumeclaims`]: '1' } : {}),
    ...(perClass && storage ? { [`${perClass}/requests.storage`]: canonicalQuantity(storage) } : {}),
  };
}

/** Whether the object counts for the quota: its scopes speak of pods only. */
export function countsFor(
  quota: Readonly<ResourceQuota>,
  resource: { readonly group: string; readonly plural: string },
  object: Readonly<KubernetesObject>,
): boolean {
  const { scopes = [], scopeSelector } = quota.spec ?? {};
  if (scopes.length === 0 && (scopeSelector?.matchExpressions ?? []).length === 0) return true;
  if (resource.group !== '' || resource.plural !== 'pods') return false;
  const pod = object as Pod;
  const meets = (scope: string): boolean => {
    switch (scope) {
      case 'Terminating':
        return pod.spec.activeDeadlineSeconds !== undefined;
      case 'NotTerminating':
        return pod.spec.activeDeadlineSeconds === undefined;
      case 'BestEffort':
        return isBestEffort(pod);
      case 'NotBestEffort':
        return !isBestEffort(pod);
      case 'PriorityClass':
        return Boolean(pod.spec.priorityClassName);
      case 'CrossNamespacePodAffinity':
        return reachesOtherNamespaces(pod.spec);
      default:
        return false;
    }
  };
  return (
    scopes.every(meets) &&
    (scopeSelector?.matchExpressions ?? []).every(({ scopeName, operator, values = [] }) => {
      if (scopeName !== 'PriorityClass') return meets(scopeName) === (operator !== 'DoesNotExist');
      const name = pod.spec.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return values.includes(name) === (operator === 'In');
    })
  );
}

function isBestEffort({ spec }: Readonly<Pod>): boolean {
  const hasAny = (amounts: Readonly<Record<string, unknown>> | undefined): boolean =>
    amounts?.['cpu'] !== undefined || amounts?.['memory'] !== undefined;
  return [...spec.containers, ...(spec.initContainers ?? [])].every(
    ({ resources }) => !hasAny(resources?.requests) && !hasAny(resources?.limits),
  );
}

function reachesOtherNamespaces({ affinity }: Readonly<PodSpec>): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  return terms.some(
    ({ namespaces, namespaceSelector }) => (namespaces?.length ?? 0) > 0 || namespaceSelector !== undefined,
  );
}

/** Whether a quota limits what an object of the resource takes. */
export function limits(quota: Readonly<ResourceQuota>, usage: Readonly<Usage>): boolean {
  return Object.keys(quota.spec?.hard ?? {}).some((name) => usage[name] !== undefined);
}
