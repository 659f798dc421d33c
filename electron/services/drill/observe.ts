// What happens while a drill goes on, from the rows of the cluster as they come. Pure but for what it remembers.
// A pod that ends is paired with the one that its workload makes instead: the oldest new one that no other has taken.
import type { DrillActual, EtcdMember, NodeRow, PodRow } from '../../../api/console/index.ts';
import { quorumOf } from './plan-drill.ts';

export interface Sight {
  readonly atMs: number;
  readonly pods: Iterable<PodRow>;
  readonly nodes: Iterable<NodeRow>;
  /** Services with a ready endpoint, as `namespace/name`. */
  readonly served: ReadonlySet<string>;
  readonly members: readonly EtcdMember[];
  /** When the members were last asked for. */
  readonly membersAtMs: number;
}

export interface Observation {
  see(sight: Sight): void;
  broken(atMs: number): void;
  back(atMs: number): void;
  /** The API answered. */
  answered(atMs: number): void;
  /** What has happened so far. */
  readonly actual: DrillActual;
  /** What is not as it was: workloads short of ready pods, machines and members that are not back. */
  readonly missing: readonly string[];
}

const keyOf = ({ namespace, name }: PodRow): string => `${namespace}/${name}`;
const ownerOf = ({ namespace, owner }: PodRow): string | undefined =>
  owner && `${namespace}/${owner.kind}/${owner.name}`;
const isReady = ({ state }: PodRow): boolean => state === 'running';
const isThere = ({ over, state }: PodRow): boolean => !over && state !== 'terminating';

/** An observation that begins with the cluster as it is; Jobs end by nature and are not followed. */
export function createObservation(before: Sight, machine: string | undefined): Observation {
  const known = new Set([...before.pods].map(({ uid }) => uid));
  const followed = [...before.pods].filter((pod) => isThere(pod) && isReady(pod) && pod.owner?.kind !== 'Job');
  const readyNodes = new Set([...before.nodes].filter(({ state }) => state === 'ready').map(({ name }) => name));
  const members = new Set(before.members.filter(({ healthy }) => healthy).map(({ name }) => name));
  const readyOf = (pods: Iterable<PodRow>): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const pod of pods) {
      const owner = ownerOf(pod) ?? keyOf(pod);
      if (isThere(pod) && isReady(pod)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    return counts;
  };
  const wanted = readyOf(followed);
  const pending = new Set<string>();
  const out = new Map<string, { ms: number; sinceMs: number | undefined }>();
  let actual: DrillActual = {
    moved: [],
    pending: [],
    gone: [],
    ready: followed.length,
    readyBefore: followed.length,
    services: [],
    apiGapMs: 0,
  };
  let missing: readonly string[] = [];
  let answeredMs = before.atMs;

  const followServices = ({ served, atMs }: Sight): void => {
    for (const service of before.served) {
      const one = out.get(service);
      if (!served.has(service)) out.set(service, { ms: one?.ms ?? 0, sinceMs: one?.sinceMs ?? atMs });
      else if (one?.sinceMs !== undefined) out.set(service, { ms: one.ms + atMs - one.sinceMs, sinceMs: undefined });
    }
    const services = [...out].map(([service, { ms, sinceMs }]) => ({
      service,
      ms: ms + (sinceMs === undefined ? 0 : atMs - sinceMs),
    }));
    actual = { ...actual, services };
  };
  const followPods = (pods: readonly PodRow[]): void => {
    const byUid = new Map(pods.map((pod) => [pod.uid, pod]));
    const lost = followed.filter(({ uid }) => {
      const now = byUid.get(uid);
      return now === undefined || !isThere(now);
    });
    const fresh = pods.filter((pod) => !known.has(pod.uid) && isThere(pod)).sort((a, b) => a.createdAt - b.createdAt);
    const moved: { pod: string; from: string; to: string }[] = [];
    const gone: string[] = [];
    for (const pod of lost) {
      const owner = ownerOf(pod);
      if (owner === undefined) gone.push(keyOf(pod));
      const at = owner === undefined ? -1 : fresh.findIndex((one) => ownerOf(one) === owner);
      const [heir] = at < 0 ? [] : fresh.splice(at, 1);
      if (heir?.node !== undefined) moved.push({ pod: keyOf(pod), from: pod.node ?? '', to: heir.node });
      else if (heir?.message !== undefined) pending.add(keyOf(pod)); // no machine takes it
    }
    const counts = readyOf(pods);
    const expected = [...wanted].filter(([owner]) => !gone.includes(owner));
    const ready = expected.reduce((sum, [owner, count]) => sum + Math.min(count, counts.get(owner) ?? 0), 0);
    const short = expected.filter(([owner, count]) => (counts.get(owner) ?? 0) < count).map(([owner]) => owner);
    actual = { ...actual, moved, gone, ready, pending: [...pending] };
    missing = short;
  };

  return {
    see(sight) {
      followPods([...sight.pods]);
      followServices(sight);
      const nodes = [...sight.nodes];
      const silent = nodes
        .filter(({ name, state }) => readyNodes.has(name) && state !== 'ready')
        .map(({ name }) => name);
      const ill = sight.members.filter(({ name, healthy }) => members.has(name) && !healthy).map(({ name }) => name);
      missing = [...new Set([...silent, ...ill, ...missing])];
      const canLose = quorumOf(sight.members)?.canLose;
      const { brokenAt, backAt, wholeAt, noticedMs } = actual;
      if (brokenAt === undefined) return;
      actual = {
        ...actual,
        ...(canLose !== undefined && backAt === undefined && { canLose: Math.min(canLose, actual.canLose ?? canLose) }),
        ...(noticedMs === undefined &&
          machine !== undefined &&
          silent.includes(machine) && { noticedMs: sight.atMs - brokenAt }),
        // What was known of the members before says nothing of how they are now.
        ...(wholeAt === undefined &&
          backAt !== undefined &&
          missing.length === 0 &&
          (machine === undefined || sight.membersAtMs > backAt) && { wholeAt: sight.atMs }),
      };
    },
    broken: (atMs) => void (actual = { ...actual, brokenAt: atMs }),
    back: (atMs) => void (actual = { ...actual, backAt: atMs }),
    answered(atMs) {
      actual = { ...actual, apiGapMs: Math.max(actual.apiGapMs, atMs - answeredMs) };
      answeredMs = atMs;
    },
    get actual() {
      return actual;
    },
    get missing() {
      return missing;
    },
  };
}
