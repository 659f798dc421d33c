// Amounts of resources as plain numbers: milli-CPU, bytes, and named extended resources; and what a pod asks for.
// The arithmetic is upstream's: init containers run before the others (their peak counts), restartable ones beside them.
import { quantityToMilli, quantityToNumber } from '../../../api/meta/quantity.ts';
import type { Container, Pod } from '../../../api/kinds/core/index.ts';

/** What a container without a request is taken for when nodes are scored, so that such pods also spread. */
const defaultMilliCpu = 100;
const defaultMemoryBytes = 200 * 1024 * 1024;

export interface Resources {
  milliCpu: number;
  memoryBytes: number;
  storageBytes: number;
  /** Extended resources and huge pages by name. */
  extended: Map<string, number> | undefined;
}

export interface PodRequests extends Resources {
  /** For scoring: with defaults in place of missing requests. */
  scoredMilliCpu: number;
  scoredMemoryBytes: number;
}

type Quantities = Readonly<Record<string, string | number>> | undefined;

/** Reads a ResourceList. */
export function readResources(list: Quantities): Resources {
  const resources: Resources = { milliCpu: 0, memoryBytes: 0, storageBytes: 0, extended: undefined };
  for (const [name, quantity] of Object.entries(list ?? {})) {
    if (name === 'cpu') resources.milliCpu = quantityToMilli(quantity);
    else if (name === 'memory') resources.memoryBytes = quantityToNumber(quantity);
    else if (name === 'ephemeral-storage') resources.storageBytes = quantityToNumber(quantity);
    else if (name !== 'pods') (resources.extended ??= new Map()).set(name, quantityToNumber(quantity));
  }
  return resources;
}

/** Adds `amount` × `sign` onto `total`. */
export function addResources(total: Resources, amount: Resources, sign: 1 | -1): void {
  total.milliCpu += sign * amount.milliCpu;
  total.memoryBytes += sign * amount.memoryBytes;
  total.storageBytes += sign * amount.storageBytes;
  if (!amount.extended) return;
  total.extended ??= new Map();
  for (const [name, value] of amount.extended) total.extended.set(name, (total.extended.get(name) ?? 0) + sign * value);
}

function raiseTo(total: Resources, other: Resources): void {
  total.milliCpu = Math.max(total.milliCpu, other.milliCpu);
  total.memoryBytes = Math.max(total.memoryBytes, other.memoryBytes);
  total.storageBytes = Math.max(total.storageBytes, other.storageBytes);
  for (const [name, value] of other.extended ?? []) {
    total.extended ??= new Map();
    total.extended.set(name, Math.max(total.extended.get(name) ?? 0, value));
  }
}

/** What a pod asks for, as upstream's PodRequests computes it. */
export function requestsOf(pod: Pod): PodRequests {
  const exact = peakOf(pod, (container) => readResources(effective(pod, container)));
  const scored = peakOf(pod, (container) => withDefaults(readResources(effective(pod, container))));
  const whole = pod.spec.resources?.requests;
  if (whole) applyPodLevel(exact, scored, readResources(whole));
  const overhead = readResources(pod.spec.overhead);
  addResources(exact, overhead, 1);
  addResources(scored, overhead, 1);
  return { ...exact, scoredMilliCpu: scored.milliCpu, scoredMemoryBytes: scored.memoryBytes };
}

/** Requests, or while a resize is under way the larger of what is asked and what is allocated. */
function effective(pod: Pod, container: Container): Quantities {
  const requests: Quantities = container.resources?.requests;
  const allocated: Quantities = pod.status?.containerStatuses?.find(
    ({ name }) => name === container.name,
  )?.allocatedResources;
  if (!allocated) return requests;
  const merged: Record<string, string | number> = { ...requests };
  for (const [name, value] of Object.entries(allocated)) {
    if (quantityToMilli(value) > quantityToMilli(merged[name] ?? '0')) merged[name] = value;
  }
  return merged;
}

function peakOf(pod: Pod, requestsOfContainer: (container: Container) => Resources): Resources {
  const total: Resources = { milliCpu: 0, memoryBytes: 0, storageBytes: 0, extended: undefined };
  for (const container of pod.spec.containers) addResources(total, requestsOfContainer(container), 1);
  const sidecars: Resources = { milliCpu: 0, memoryBytes: 0, storageBytes: 0, extended: undefined };
  const peak: Resources = { milliCpu: 0, memoryBytes: 0, storageBytes: 0, extended: undefined };
  for (const container of pod.spec.initContainers ?? []) {
    const requests = requestsOfContainer(container);
    if (container.restartPolicy === 'Always') {
      addResources(total, requests, 1);
      addResources(sidecars, requests, 1);
      raiseTo(peak, sidecars);
    } else {
      addResources(requests, sidecars, 1);
      raiseTo(peak, requests);
    }
  }
  raiseTo(total, peak);
  return total;
}

function withDefaults(resources: Resources): Resources {
  if (resources.milliCpu === 0) resources.milliCpu = defaultMilliCpu;
  if (resources.memoryBytes === 0) resources.memoryBytes = defaultMemoryBytes;
  return resources;
}

/** Requests at the level of the pod stand in place of the sum of its containers. */
function applyPodLevel(exact: Resources, scored: Resources, whole: Resources): void {
  for (const amounts of [exact, scored]) {
    if (whole.milliCpu > 0) amounts.milliCpu = whole.milliCpu;
    if (whole.memoryBytes > 0) amounts.memoryBytes = whole.memoryBytes;
  }
}
