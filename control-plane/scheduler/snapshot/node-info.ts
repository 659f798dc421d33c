// A node with the pods that are bound to it or assumed to be: free amounts, used host ports, counts by controller.
// Adding and removing a pod are exact inverses.
import type { Node, Taint } from '../../../api/kinds/core/index.ts';
import type { HostPort, PodInfo } from './pod-info.ts';
import { addResources, readResources } from './resources.ts';
import type { Resources } from './resources.ts';

const defaultMaxPods = 110;

export class NodeInfo {
  readonly name: string;
  /** False while only pods name this node: its object is not there yet, or no more. */
  exists = false;
  labels: Readonly<Record<string, string>> = {};
  taints: readonly Taint[] = [];
  unschedulable = false;
  /** Image name → bytes. */
  images: ReadonlyMap<string, number> = new Map();
  allocatable: Resources = readResources(undefined);
  maxPods = 0;
  readonly requested: Resources = readResources(undefined);
  scoredMilliCpu = 0;
  scoredMemoryBytes = 0;
  readonly pods = new Map<string, PodInfo>();
  /** Pods by the uid of their controller. */
  readonly byController = new Map<string, number>();
  readonly #ports = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  /** Takes over what the node object says. */
  setNode(node: Readonly<Node> | undefined): void {
    this.exists = node !== undefined;
    this.labels = node?.metadata.labels ?? {};
    this.taints = node?.spec.taints ?? [];
    this.unschedulable = node?.spec.unschedulable ?? false;
    const amounts = node?.status?.allocatable ?? node?.status?.capacity;
    this.allocatable = readResources(amounts);
    this.maxPods = Number(amounts?.pods ?? defaultMaxPods);
    const images = new Map<string, number>();
    for (const image of node?.status?.images ?? []) {
      for (const name of image.names ?? []) images.set(name, Number(image.sizeBytes ?? 0));
    }
    this.images = images;
  }

  addPod(info: PodInfo): void {
    this.pods.set(info.key, info);
    this.#count(info, 1);
  }

  removePod(key: string): void {
    const info = this.pods.get(key);
    if (!info) return;
    this.pods.delete(key);
    this.#count(info, -1);
  }

  /** Whether a host port is taken; an address of all interfaces collides with every address. */
  hasPortConflict(wanted: HostPort): boolean {
    if (this.#ports.size === 0) return false;
    const suffix = `${wanted.protocol}/${wanted.port}`;
    if (wanted.ip === '0.0.0.0') return this.#ports.has(`*${suffix}`);
    return this.#ports.has(`0.0.0.0/${suffix}`) || this.#ports.has(`${wanted.ip}/${suffix}`);
  }

  /** A copy that may be changed without touching this one: for preemption and simulation. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.exists = this.exists;
    copy.labels = this.labels;
    copy.taints = this.taints;
    copy.unschedulable = this.unschedulable;
    copy.images = this.images;
    copy.allocatable = this.allocatable;
    copy.maxPods = this.maxPods;
    for (const info of this.pods.values()) copy.addPod(info);
    return copy;
  }

  #count(info: PodInfo, sign: 1 | -1): void {
    addResources(this.requested, info.requests, sign);
    this.scoredMilliCpu += sign * info.requests.scoredMilliCpu;
    this.scoredMemoryBytes += sign * info.requests.scoredMemoryBytes;
    if (info.controllerUid !== undefined) bump(this.byController, info.controllerUid, sign);
    for (const { ip, protocol, port } of info.hostPorts) {
      bump(this.#ports, `${ip}/${protocol}/${port}`, sign);
      bump(this.#ports, `*${protocol}/${port}`, sign);
    }
  }
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}
