// A pod as the scheduler sees it: everything that filters and scores ask, worked out once.
import { controllerOf, keyOf } from '../../../api/meta/object-meta.ts';
import type { NodeSelectorTerm, Pod, Toleration, TopologySpreadConstraint } from '../../../api/kinds/core/index.ts';
import { claimsOf } from './claims.ts';
import { compileNodeTerm, compilePodTerm } from './terms.ts';
import type { CompiledNodeTerm, CompiledPodTerm } from './terms.ts';
import { requestsOf } from './resources.ts';
import type { PodRequests } from './resources.ts';

export interface WeightedPodTerm {
  readonly term: CompiledPodTerm;
  readonly weight: number;
}

export interface PodInfo {
  readonly key: string;
  readonly pod: Readonly<Pod>;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly requests: PodRequests;
  readonly hostPorts: readonly HostPort[];
  readonly images: readonly string[];
  readonly tolerations: readonly Toleration[];
  readonly nodeSelector: readonly (readonly [string, string])[];
  /** Any of these; undefined: every node. */
  readonly requiredNodeTerms: readonly CompiledNodeTerm[] | undefined;
  readonly preferredNodeTerms: readonly { readonly term: CompiledNodeTerm; readonly weight: number }[];
  readonly affinity: readonly CompiledPodTerm[];
  readonly antiAffinity: readonly CompiledPodTerm[];
  readonly preferredAffinity: readonly WeightedPodTerm[];
  readonly preferredAntiAffinity: readonly WeightedPodTerm[];
  readonly spread: readonly TopologySpreadConstraint[];
  /** The uid of the controller, whose pods are spread by default. */
  readonly controllerUid: string | undefined;
  readonly isTerminating: boolean;
  /** Whether volumes must be given to it before it is bound. */
  readonly hasClaims: boolean;
  /** Pods alike in namespace and labels share a group; selectors are matched once per group. */
  readonly groupKey: string;
  /** Pods with the same affinity terms share a group as well; undefined for pods without any. */
  readonly termKey: string | undefined;
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** Reads a pod; its node is not looked at, so an assumed pod needs no new info. */
export function createPodInfo(pod: Readonly<Pod>): PodInfo {
  const { spec, metadata } = pod;
  const { nodeAffinity, podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const labels = metadata.labels ?? {};
  const namespace = metadata.namespace ?? '';
  const terms = (list: readonly NodeSelectorTerm[] | undefined): CompiledNodeTerm[] | undefined =>
    list?.map(compileNodeTerm);
  const weighted = (
    list: readonly { weight: number; podAffinityTerm: Parameters<typeof compilePodTerm>[0] }[] | undefined,
  ): WeightedPodTerm[] =>
    (list ?? []).map(({ weight, podAffinityTerm }) => ({
      weight,
      term: compilePodTerm(podAffinityTerm, namespace, labels),
    }));
  return {
    key: keyOf(pod),
    pod,
    namespace,
    labels,
    priority: spec.priority ?? 0,
    requests: requestsOf(pod),
    hostPorts: hostPortsOf(pod),
    images: spec.containers.map((container) => container.image ?? ''),
    tolerations: spec.tolerations ?? [],
    nodeSelector: Object.entries(spec.nodeSelector ?? {}),
    requiredNodeTerms: terms(nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms),
    preferredNodeTerms: (nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ weight, preference }) => ({ weight, term: compileNodeTerm(preference) }),
    ),
    affinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) =>
      compilePodTerm(term, namespace, labels),
    ),
    antiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) =>
      compilePodTerm(term, namespace, labels),
    ),
    preferredAffinity: weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    spread: spec.topologySpreadConstraints ?? [],
    controllerUid: controllerOf(pod)?.uid,
    isTerminating: metadata.deletionTimestamp !== undefined,
    hasClaims: claimsOf(pod).length > 0,
    groupKey: groupKeyOf(namespace, labels, metadata.deletionTimestamp !== undefined),
    termKey: termKeyOf(pod, namespace),
  };
}

function termKeyOf(pod: Readonly<Pod>, namespace: string): string | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return undefined;
  const terms = JSON.stringify([podAffinity, podAntiAffinity]);
  // matchLabelKeys take their values from the pod's own labels.
  const labels = terms.includes('atchLabelKeys"') ? JSON.stringify(pod.metadata.labels ?? {}) : '';
  return `${namespace}\0${terms}\0${labels}`;
}

function groupKeyOf(namespace: string, labels: Readonly<Record<string, string>>, isTerminating: boolean): string {
  const names = Object.keys(labels).sort();
  return `${namespace}\0${isTerminating ? 1 : 0}\0${names.map((name) => `${name}=${labels[name] ?? ''}`).join('\0')}`;
}

function hostPortsOf(pod: Readonly<Pod>): HostPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  const ports = [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? []);
  return ports
    .filter((port) => (port.hostPort ?? 0) > 0)
    .map((port) => ({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort ?? 0 }));
}
