// What a pod was given when it was admitted or last resized: its containers run by this, whatever its spec asks for
// meanwhile. Kept in the pod's folder, so that it outlives the agent.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import { podPaths } from '../pods/pod-paths.ts';

type Resources = NonNullable<Container['resources']>;

export interface Allocation {
  /** Resources by the name of the container (or sidecar). */
  readonly containers: Readonly<Record<string, Resources>>;
  /** Resources of the pod as a whole. */
  readonly pod?: Resources;
}

export function allocationOf({ spec }: Readonly<Pod>): Allocation {
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  return {
    containers: Object.fromEntries(all.map(({ name, resources = {} }) => [name, resources])),
    ...(spec.resources !== undefined && { pod: spec.resources }),
  };
}

/** The pod as it was given to run; the very same object when it asks for nothing else. */
export function withAllocation(pod: Readonly<Pod>, allocation: Allocation | undefined): Readonly<Pod> {
  if (allocation === undefined || isDeepStrictEqual(allocationOf(pod), allocation)) return pod;
  const given = (container: Container): Container => ({
    ...container,
    resources: allocation.containers[container.name] ?? container.resources,
  });
  const { initContainers, containers } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(initContainers !== undefined && { initContainers: initContainers.map(given) }),
      containers: containers.map(given),
      ...(allocation.pod !== undefined && { resources: allocation.pod }),
    },
  };
}

/** What an earlier agent gave the pod; undefined when there is no (whole) note of it. */
export async function readAllocation(dataDir: string, podUid: string): Promise<Allocation | undefined> {
  const text = await readFile(podPaths(dataDir, podUid).allocation, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Allocation;
  } catch {
    return undefined; // the disk was full; what runs is then taken to be what the spec says
  }
}

export async function writeAllocation(dataDir: string, podUid: string, allocation: Allocation): Promise<void> {
  const { root, allocation: path } = podPaths(dataDir, podUid);
  await mkdir(root, { recursive: true, mode: 0o755 });
  await writeFile(`${path}.new`, JSON.stringify(allocation));
  await rename(`${path}.new`, path);
}
