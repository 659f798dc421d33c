// Values of `fieldRef` and `resourceFieldRef`: what a pod may know about itself. Pure; shared by the environment and the
// downward API volume. Throws a sentence for a field that does not exist.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { quantityToBytes, quantityToMilli, quantityToNumber } from '../../../api/meta/quantity.ts';

export interface PodFieldFacts {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  readonly nodeName: string;
  /** Stand in for limits that a container does not set. */
  readonly allocatable: Readonly<Record<string, string>>;
}

export function podField(pod: Readonly<Pod>, path: string, facts: PodFieldFacts): string {
  const { metadata, spec } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (map !== undefined && key !== undefined)
    return (map === 'labels' ? metadata.labels : metadata.annotations)?.[key] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? 'default';
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return formatMap(metadata.labels ?? {});
    case 'metadata.annotations':
      return formatMap(metadata.annotations ?? {});
    case 'spec.nodeName':
      return spec.nodeName ?? facts.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
      return facts.hostIps[0] ?? '';
    case 'status.hostIPs':
      return facts.hostIps.join(',');
    case 'status.podIP':
      return facts.podIps[0] ?? '';
    case 'status.podIPs':
      return facts.podIps.join(',');
    default:
      throw new Error(`unsupported fieldPath: ${path}`);
  }
}

/** Whether a field is known only once the pod has its network. */
export function needsPodIp(path: string | undefined): boolean {
  return path === 'status.podIP' || path === 'status.podIPs';
}

/** A container's request or limit as a whole number of the divisor, rounded up. */
export function resourceField(
  container: Container,
  resource: string,
  divisor: string | undefined,
  facts: PodFieldFacts,
): string {
  const [kind, ...rest] = resource.split('.');
  const name = rest.join('.');
  if ((kind !== 'limits' && kind !== 'requests') || name === '')
    throw new Error(`unsupported container resource: ${resource}`);
  const fallback = kind === 'limits' ? facts.allocatable[name] : '0';
  const value = container.resources?.[kind]?.[name] ?? fallback ?? '0';
  const unit = divisor === undefined || divisor === '' || divisor === '0' ? '1' : divisor;
  if (name === 'cpu') return String(Math.ceil(quantityToMilli(value) / quantityToMilli(unit)));
  return String(Math.ceil(quantityToBytes(value) / Math.max(quantityToNumber(unit), 1)));
}

function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}
