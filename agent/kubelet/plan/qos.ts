// A pod's quality-of-service class from its requests and limits, and what follows from it for the kernel. Pure.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { quantityToBytes, quantityToMilli } from '../../../api/meta/quantity.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;

/** The class as upstream's GetPodQOS computes it. */
export function qosClassOf(pod: Readonly<Pod>): QosClass {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const asks = (values: Readonly<Record<string, string | number>> | undefined): boolean =>
    counted.some((name) => quantityToMilli(values?.[name] ?? '0') > 0);
  const isBestEffort = containers.every(({ resources }) => !asks(resources?.requests) && !asks(resources?.limits));
  if (isBestEffort) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function isGuaranteed({ resources }: Container): boolean {
  return counted.every((name) => {
    const limit = quantityToMilli(resources?.limits?.[name] ?? '0');
    return limit > 0 && quantityToMilli(resources?.requests?.[name] ?? resources?.limits?.[name] ?? '0') === limit;
  });
}

/** How readily the kernel should kill a container, as upstream's GetContainerOOMScoreAdjust. */
export function oomScoreAdjustOf(pod: Readonly<Pod>, container: Container, machineMemoryBytes: number): number {
  const qos = qosClassOf(pod);
  if (qos === 'Guaranteed' || (pod.spec.priority ?? 0) >= 2_000_000_000) return -997;
  if (qos === 'BestEffort') return 1000;
  const requestBytes = quantityToBytes(container.resources?.requests?.['memory'] ?? '0');
  const adjust = Math.trunc(1000 - (1000 * requestBytes) / machineMemoryBytes);
  return Math.min(Math.max(adjust, 3), 999);
}
