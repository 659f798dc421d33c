// The cluster as the scheduler sees it at this moment: nodes, the pods on them, and groups of alike pods that make
// affinity and spread cheap. It is changed in place between decisions, never during one; clone() gives a copy to rehearse on.
import type { Node } from '../../../api/kinds/core/index.ts';
import { DeviceLedger } from '../dynamic-resources/ledger.ts';
import { noVolumes } from './claims.ts';
import type { VolumeLookup } from './claims.ts';
import { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

type Labels = Readonly<Record<string, string>>;
const noLabels: Labels = {};

/** Pods alike in namespace and labels, counted per node. */
export interface PodGroup {
  readonly namespace: string;
  readonly labels: Labels;
  readonly isTerminating: boolean;
  readonly nodes: Map<NodeInfo, number>;
}

/** Pods with the same affinity terms, counted per node; `sample` carries the terms. */
export interface TermGroup {
  readonly sample: PodInfo;
  readonly nodes: Map<NodeInfo, number>;
}

export class Snapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #nodeOfPod = new Map<string, NodeInfo>();
  readonly #namespaces = new Map<string, Labels>();
  #ordered: readonly NodeInfo[] | undefined;
  /** Domains by topology key and the keys that count; forgotten when a node comes, goes or is labelled anew. */
  readonly #domains = new Map<string, ReadonlySet<string>>();
  readonly groups = new Map<string, PodGroup>();
  readonly termGroups = new Map<string, TermGroup>();
  /** Claims, volumes and storage classes. */
  volumes: VolumeLookup = noVolumes;
  /** Resource claims, and the devices that are given away. */
  devices = new DeviceLedger();

  /** The nodes that exist, zones taking turns so that a bounded search sees all of them. */
  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= interleaveZones([...this.#nodes.values()].filter((node) => node.exists));
    return this.#ordered;
  }

  /** The values of a topology key among the nodes that carry every one of `keys`. */
  domains(topologyKey: string, keys: readonly string[]): ReadonlySet<string> {
    const id = `${topologyKey}\0${keys.join('\0')}`;
    let domains = this.#domains.get(id);
    if (domains === undefined) {
      const labelled = this.nodes.filter((node) => keys.every((key) => node.labels[key] !== undefined));
      domains = new Set(labelled.map((node) => node.labels[topologyKey]).filter((domain) => domain !== undefined));
      this.#domains.set(id, domains);
    }
    return domains;
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  /** The node that a pod is bound or assumed to. */
  nodeOf(podKey: string): NodeInfo | undefined {
    return this.#nodeOfPod.get(podKey);
  }

  readonly namespaceLabels = (namespace: string): Labels => this.#namespaces.get(namespace) ?? noLabels;

  setNamespace(name: string, labels: Labels | undefined): void {
    if (labels) this.#namespaces.set(name, labels);
    else this.#namespaces.delete(name);
  }

  setNode(name: string, node: Readonly<Node> | undefined): void {
    const info = this.#nodes.get(name) ?? this.#addNode(name);
    const zone = zoneOf(info.labels);
    const existed = info.exists;
    const labels = info.labels;
    info.setNode(node);
    if (existed !== info.exists || !sameLabels(labels, info.labels)) this.#domains.clear();
    if (existed !== info.exists || zone !== zoneOf(info.labels)) this.#ordered = undefined;
    this.#dropIfEmpty(info);
  }

  /** Changes a node's cordon, taints or labels in place: for rehearsals. */
  editNode(name: string, edit: (info: NodeInfo) => void): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    edit(info);
    this.#domains.clear();
    this.#ordered = undefined;
  }

  /** Puts a pod on a node, wherever it was before. */
  setPod(info: PodInfo, nodeName: string): void {
    this.removePod(info.key);
    const node = this.#nodes.get(nodeName) ?? this.#addNode(nodeName);
    node.addPod(info);
    this.#nodeOfPod.set(info.key, node);
    this.#count(info, node, 1);
  }

  removePod(key: string): void {
    const node = this.#nodeOfPod.get(key);
    const info = node?.pods.get(key);
    if (!node || !info) return;
    node.removePod(key);
    this.#nodeOfPod.delete(key);
    this.#count(info, node, -1);
    this.#dropIfEmpty(node);
  }

  /** A copy to rehearse on; the originals stay as they are. */
  clone(): Snapshot {
    const copy = new Snapshot();
    copy.volumes = this.volumes;
    copy.devices = this.devices.clone();
    for (const [name, labels] of this.#namespaces) copy.setNamespace(name, labels);
    for (const node of this.#nodes.values()) {
      const twin = node.clone();
      copy.#nodes.set(node.name, twin);
      for (const info of twin.pods.values()) {
        copy.#nodeOfPod.set(info.key, twin);
        copy.#count(info, twin, 1);
      }
    }
    return copy;
  }

  #addNode(name: string): NodeInfo {
    const info = new NodeInfo(name);
    this.#nodes.set(name, info);
    return info;
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (info.exists || info.pods.size > 0) return;
    this.#nodes.delete(info.name);
  }

  #count(info: PodInfo, node: NodeInfo, by: 1 | -1): void {
    let group = this.groups.get(info.groupKey);
    if (!group) {
      const { namespace, labels, isTerminating } = info;
      group = { namespace, labels, isTerminating, nodes: new Map() };
      this.groups.set(info.groupKey, group);
    }
    bump(group.nodes, node, by);
    if (group.nodes.size === 0) this.groups.delete(info.groupKey);
    if (info.termKey === undefined) return;
    let terms = this.termGroups.get(info.termKey);
    if (!terms) {
      terms = { sample: info, nodes: new Map() };
      this.termGroups.set(info.termKey, terms);
    }
    bump(terms.nodes, node, by);
    if (terms.nodes.size === 0) this.termGroups.delete(info.termKey);
  }
}

function bump(counts: Map<NodeInfo, number>, node: NodeInfo, by: number): void {
  const next = (counts.get(node) ?? 0) + by;
  if (next === 0) counts.delete(node);
  else counts.set(node, next);
}

function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function zoneOf(labels: Labels): string {
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

function interleaveZones(nodes: readonly NodeInfo[]): readonly NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const zone = zoneOf(node.labels);
    const members = zones.get(zone);
    if (members) members.push(node);
    else zones.set(zone, [node]);
  }
  if (zones.size <= 1) return nodes;
  const lists = [...zones.values()];
  const longest = Math.max(...lists.map((list) => list.length));
  const ordered: NodeInfo[] = [];
  for (let i = 0; i < longest; i++) {
    for (const list of lists) {
      const node = list[i];
      if (node) ordered.push(node);
    }
  }
  return ordered;
}
