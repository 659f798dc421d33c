// A new pod is Pending and has its quality-of-service class from its resources.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { compareQuantities } from '../../../api/meta/quantity.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isPodCreation } from './pods.ts';

/** Fills in the status of new pods; stands after every plugin that may change resources. */
export const podStatus: AdmissionPlugin = {
  name: 'PodStatus',
  concerns: isPodCreation,
  mutate({ object }) {
    const pod = object as Pod;
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod) };
  },
};

const counted = ['cpu', 'memory'] as const;

/** Guaranteed when every container limits cpu and memory to what it requests, BestEffort when none says anything. */
export function qosClassOf(pod: Readonly<Pod>): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  if (containers.every(saysNothing)) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function saysNothing({ resources }: Container): boolean {
  return counted.every((name) => isZero(resources?.requests?.[name]) && isZero(resources?.limits?.[name]));
}

function isZero(quantity: string | undefined): boolean {
  return quantity === undefined || compareQuantities(quantity, '0') === 0;
}

function isGuaranteed({ resources }: Container): boolean {
  return counted.every((name) => {
    const limit = resources?.limits?.[name];
    const request = resources?.requests?.[name] ?? limit;
    return limit !== undefined && request !== undefined && !isZero(limit) && compareQuantities(limit, request) === 0;
  });
}
