// All pods of the cluster as policies see them, and which of them a peer selector means.
// Guarantees: `members` is remembered per selector and kept up to date pod by pod, so that one pod's change costs one
// match per selector in use; a namespace's change forgets what was remembered.
import type { Namespace, Pod } from '../../../api/kinds/core/index.ts';
import type { LabelSelector } from '../../../api/kinds/meta/label-selector.ts';
import { matchesSelector, selectorOf } from '../../../api/meta/selectors.ts';
import type { Selector } from '../../../api/meta/selectors.ts';
import { parseIpv4 } from '../cidr.ts';

export interface PodFacts {
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  readonly address: string;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

/** A peer: pods of one namespace, or of those that a selector matches. */
export interface PeerSelector {
  readonly namespace?: string;
  readonly namespaces?: Readonly<LabelSelector>;
  readonly pods?: Readonly<LabelSelector>;
}

export interface PodDirectory {
  putPod(key: string, pod: Readonly<Pod> | undefined): void;
  putNamespace(name: string, namespace: Readonly<Namespace> | undefined): void;
  members(peer: PeerSelector): ReadonlyMap<string, PodFacts>;
  /** Pods of a node, in a stable order. */
  onNode(nodeName: string): PodFacts[];
}

/** What a policy needs of a pod; undefined for pods without an address of their own or that have ended. */
export function podFacts(pod: Readonly<Pod>): PodFacts | undefined {
  const address = pod.status?.podIP;
  const { phase } = pod.status ?? {};
  if (address === undefined || parseIpv4(address) === undefined || pod.spec.hostNetwork) return undefined;
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const { name, namespace = '', labels = {} } = pod.metadata;
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const ports = containers.flatMap(({ ports: declared = [] }) =>
    declared.flatMap(({ name: port, protocol = 'TCP', containerPort }) =>
      port === undefined ? [] : [{ name: port, protocol: protocol.toLowerCase(), port: containerPort }],
    ),
  );
  return { key: `${namespace}/${name}`, namespace, labels, nodeName: pod.spec.nodeName, address, ports };
}

interface Remembered {
  readonly includes: (pod: PodFacts) => boolean;
  readonly members: Map<string, PodFacts>;
}

/** An empty directory. */
export function createPodDirectory(): PodDirectory {
  const pods = new Map<string, PodFacts>();
  const namespaces = new Map<string, Readonly<Record<string, string>>>();
  const remembered = new Map<string, Remembered>();

  const matcher = ({ namespace, namespaces: inNamespaces, pods: ofPods }: PeerSelector): Remembered['includes'] => {
    const podSelector: Selector = ofPods === undefined ? [] : selectorOf(ofPods);
    const matching =
      inNamespaces === undefined
        ? new Set([namespace])
        : new Set(
            [...namespaces].flatMap(([name, labels]) =>
              matchesSelector(selectorOf(inNamespaces), labels) ? [name] : [],
            ),
          );
    return (pod) => matching.has(pod.namespace) && matchesSelector(podSelector, pod.labels);
  };
  return {
    putPod(key, pod) {
      const facts = pod && podFacts(pod);
      if (facts === undefined) pods.delete(key);
      else pods.set(key, facts);
      for (const { includes, members } of remembered.values()) {
        if (facts !== undefined && includes(facts)) members.set(key, facts);
        else members.delete(key);
      }
    },
    putNamespace(name, namespace) {
      const labels = namespace?.metadata.labels ?? {};
      if (namespace === undefined) namespaces.delete(name);
      else if (JSON.stringify(namespaces.get(name)) === JSON.stringify(labels)) return;
      else namespaces.set(name, labels);
      remembered.clear();
    },
    members(peer) {
      const key = JSON.stringify(peer);
      let found = remembered.get(key);
      if (found === undefined) {
        const includes = matcher(peer);
        const members = new Map([...pods].filter(([, pod]) => includes(pod)));
        remembered.set(key, (found = { includes, members }));
      }
      return found.members;
    },
    onNode: (nodeName) =>
      [...pods.values()].filter((pod) => pod.nodeName === nodeName).sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}
