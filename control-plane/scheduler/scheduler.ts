// The scheduler's loop: follows nodes, pods and namespaces into the snapshot, takes waiting pods one by one, decides,
// assumes its decision at once and binds in the background, so that the next decision never waits for a write.
import { namespaces, nodes, pods } from '../../api/kinds/core/index.ts';
import type { Node, Pod } from '../../api/kinds/core/index.ts';
import { keyOf } from '../../api/meta/object-meta.ts';
import type { Clock } from '../../machinery/clock.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type { Change, InformerFactory } from '../../machinery/informer.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { createBinder } from './binder.ts';
import { createClaimBinder } from './dynamic-resources/claim-binder.ts';
import { podDisruptionBudgets } from '../../api/kinds/policy/index.ts';
import { failureMessage, preemptionMessage } from './failure-message.ts';
import { planAllocations } from './filters/dynamic-resources.ts';
import { defaultProfiles } from './profile.ts';
import type { Profile } from './profile.ts';
import { SchedulingQueue } from './queue.ts';
import type { ClusterChange, QueueBackoff, WaitingPod } from './queue.ts';
import { mayPreempt, planPreemption } from './preemption/plan-preemption.ts';
import { Reservations } from './preemption/reservations.ts';
import { schedule, searchOf } from './schedule.ts';
import type { Decision } from './schedule.ts';
import type { NodeInfo } from './snapshot/node-info.ts';
import { attachLookups } from './snapshot/lookups.ts';
import { createPodInfo } from './snapshot/pod-info.ts';
import type { PodInfo } from './snapshot/pod-info.ts';
import { requestsOf } from './snapshot/resources.ts';
import { Snapshot } from './snapshot/snapshot.ts';
import { createVolumeBinder } from './volume-binder.ts';

/** Decisions in one turn of the event loop before others get theirs. */
const turnMs = 8;
const maxBindings = 128;

export interface SchedulerOptions {
  readonly client: RestClient;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly profiles?: readonly Profile[];
  readonly backoff?: QueueBackoff;
}

/** Schedules until the signal aborts. */
export async function runScheduler(options: SchedulerOptions): Promise<void> {
  const { client, informers, clock, logger, signal } = options;
  const profiles = new Map((options.profiles ?? defaultProfiles).map((profile) => [profile.schedulerName, profile]));
  const recorder = createEventRecorder({ client, component: 'default-scheduler', clock, logger });
  const binder = createBinder({ client, recorder, clock, logger, signal });
  const snapshot = new Snapshot();
  const reservations = new Reservations(snapshot);
  const budgetInformer = informers.of(podDisruptionBudgets);
  const lookups = attachLookups(snapshot, informers);
  const volumeBinder = createVolumeBinder({ client, claims: lookups.claims, lookup: snapshot.volumes, clock, signal });
  const claimBinder = createClaimBinder({ client, ledger: snapshot.devices, clock, signal });
  const queue = new SchedulingQueue(clock, () => wake(), options.backoff);
  /** Decided and on their way to the API: pod key → node name. */
  const assumed = new Map<string, string>();
  const binding = new Set<Promise<void>>();
  let searchStart = 0;
  let wake = (): void => undefined;

  const followNode = ({ key, current, previous }: Change<Node>): void => {
    snapshot.setNode(key, current);
    if (current) notice(previous ? (nodeMatters(previous, current) ? 'node-changed' : undefined) : 'node-added');
  };
  const notice = (change: ClusterChange | undefined): void => {
    if (change) queue.notice(change);
  };

  const followPod = ({ key, current, previous }: Change<Pod>): void => {
    const isOver = current === undefined || isFinished(current);
    if (isOver || current.spec.nodeName) reservations.release(key);
    if (isOver) {
      queue.forget(key);
      assumed.delete(key);
      if (snapshot.nodeOf(key)) {
        snapshot.removePod(key);
        notice('pod-removed');
      }
    } else if (current.spec.nodeName) {
      queue.forget(key);
      assumed.delete(key);
      snapshot.setPod(createPodInfo(current), current.spec.nodeName);
      if (previous?.spec.nodeName) changesOf(previous, current).forEach(notice);
      else notice('pod-added');
    } else if (!concernsUs(current)) {
      queue.forget(key);
    } else if (!assumed.has(key) && (!previous || podMatters(previous, current))) {
      admit(current);
    }
  };
  const concernsUs = (pod: Readonly<Pod>): boolean =>
    profiles.has(pod.spec.schedulerName ?? 'default-scheduler') && pod.metadata.deletionTimestamp === undefined;

  const admit = (pod: Readonly<Pod>): void => {
    if ((pod.spec.schedulingGates ?? []).length > 0) {
      queue.forget(keyOf(pod));
      binder.report(pod, 'SchedulingGated', 'Scheduling is blocked due to non-empty scheduling gates');
    } else queue.put(createPodInfo(pod));
  };

  const tryOne = (waiting: WaitingPod): void => {
    const { info } = waiting;
    const profile = profiles.get(info.pod.spec.schedulerName ?? 'default-scheduler');
    if (!profile) return queue.forget(info.key);
    const decision = reservations.without(info, () =>
      schedule(snapshot, info, profile, searchOf(profile, snapshot.nodes.length, searchStart)),
    );
    if (decision.placed) {
      searchStart = (searchStart + decision.searched) % Math.max(1, snapshot.nodes.length);
      return place(waiting, decision.node);
    }
    const preemption = makeRoom(info, profile, decision);
    binder.report(
      info.pod,
      'Unschedulable',
      failureMessage(decision.refusals.values(), snapshot.nodes.length, preemption),
    );
    const rejectedBy = new Set([...decision.refusals.values()].map((refusal) => refusal.filter));
    queue.putBack(waiting, rejectedBy.size > 0 ? rejectedBy : new Set(['NodeName']));
  };

  /** Removes less important pods where that lets this one in; else says why that does not help. */
  const makeRoom = (info: PodInfo, profile: Profile, decision: Decision & { placed: false }): string | undefined => {
    const { refusals } = decision;
    if (refusals.size === 0) return undefined;
    if (!mayPreempt(snapshot, info, reservations.nodeNameOf(info.key))) {
      return 'preemption: not eligible due to preemptionPolicy=Never or a terminating pod on the nominated node.';
    }
    const budgets = budgetInformer.list();
    const plan = reservations.without(info, () => planPreemption({ snapshot, pod: info, profile, refusals, budgets }));
    if (!plan) {
      reservations.release(info.key);
      return preemptionMessage(refusals.values(), snapshot.nodes.length);
    }
    reservations.keep(info, plan.node.name);
    const work = Promise.all([
      binder.nominate(info.pod, plan.node.name),
      ...plan.victims.map((victim) => binder.evict(victim.pod, info.pod, plan.node.name)),
    ]).then(
      () => undefined,
      (err: unknown) => {
        reservations.release(info.key);
        if (!signal.aborted) logger.warn({ err, pod: info.key }, 'making room failed');
      },
    );
    binding.add(work);
    void work.then(() => binding.delete(work));
    return undefined;
  };

  /** Volumes and devices, for pods that claim some: nothing to wait for otherwise. */
  const prepare = (info: PodInfo, node: NodeInfo): Promise<void> | undefined => {
    const waits: Promise<void>[] = [];
    if (info.hasClaims) waits.push(volumeBinder.prepare(info.pod, node));
    if (info.pod.spec.resourceClaims?.length) {
      const allocations = planAllocations(info, node, snapshot);
      for (const [key, allocation] of allocations) snapshot.devices.assume(key, allocation);
      waits.push(claimBinder.reserve(info.pod, allocations));
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  };

  const place = (waiting: WaitingPod, node: NodeInfo): void => {
    const { info } = waiting;
    const nodeName = node.name;
    reservations.release(info.key);
    snapshot.setPod(info, nodeName);
    assumed.set(info.key, nodeName);
    const prepared = prepare(info, node);
    const bound = prepared ? prepared.then(() => binder.bind(info.pod, nodeName)) : binder.bind(info.pod, nodeName);
    const writing = bound.then(
      () => queue.forget(info.key),
      (err: unknown) => {
        if (signal.aborted) return;
        logger.warn({ err, pod: info.key, nodeName }, 'binding failed');
        if (assumed.get(info.key) !== nodeName) return; // deleted or bound meanwhile
        assumed.delete(info.key);
        snapshot.removePod(info.key);
        notice('pod-removed');
        binder.report(
          info.pod,
          'SchedulerError',
          `binding to ${nodeName} failed: ${err instanceof Error ? err.message : String(err)}`,
        );
        queue.putBack(waiting, new Set());
      },
    );
    binding.add(writing);
    void writing.then(() => {
      binding.delete(writing);
      if (binding.size === maxBindings - 1) wake();
    });
  };

  const namespaceInformer = informers.of(namespaces);
  const nodeInformer = informers.of(nodes);
  const podInformer = informers.of(pods);
  await Promise.all(
    [namespaceInformer, nodeInformer, podInformer, budgetInformer, ...lookups.informers].map((informer) =>
      informer.whenSynced(signal),
    ),
  );
  const stops = [
    namespaceInformer.onDidChange(({ key, current, previous }) => {
      snapshot.setNamespace(key, current && (current.metadata.labels ?? {}));
      const labelsOf = (one: typeof current): string => JSON.stringify(one?.metadata.labels ?? {});
      if (labelsOf(current) !== labelsOf(previous)) notice('namespace-relabelled');
    }),
    nodeInformer.onDidChange(followNode),
    podInformer.onDidChange(followPod),
    lookups.follow(notice),
  ];

  try {
    while (!signal.aborted) {
      const untilMs = performance.now() + turnMs;
      let next: WaitingPod | undefined;
      while (binding.size < maxBindings && performance.now() < untilMs && (next = queue.pop())) tryOne(next);
      if (next) await new Promise<void>((resolve) => void setImmediate(resolve));
      else await untilWoken();
    }
  } finally {
    for (const stop of stops) stop();
    queue.close();
    await Promise.allSettled(binding);
    await recorder.flush();
  }

  function untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        wake = () => undefined;
        signal.removeEventListener('abort', finish);
        resolve();
      };
      wake = finish;
      signal.addEventListener('abort', finish, { once: true });
    });
  }
}

function isFinished(pod: Readonly<Pod>): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether a change of a waiting pod may change the decision: everything but its status, save for its claims. */
function podMatters(previous: Readonly<Pod>, current: Readonly<Pod>): boolean {
  if (previous.metadata.uid !== current.metadata.uid) return true;
  const facts = (pod: Readonly<Pod>): string =>
    JSON.stringify([pod.spec, pod.metadata.labels, pod.metadata.deletionTimestamp, pod.status?.resourceClaimStatuses]);
  return facts(previous) !== facts(current);
}

/** What a change of a bound pod may mean to those that wait: most are its kubelet's reports and mean nothing. */
function changesOf(previous: Readonly<Pod>, current: Readonly<Pod>): ClusterChange[] {
  const differ = (facts: (pod: Readonly<Pod>) => unknown): boolean =>
    JSON.stringify(facts(previous)) !== JSON.stringify(facts(current));
  const amountsOf = (pod: Readonly<Pod>): unknown => {
    const { extended, ...amounts } = requestsOf(pod);
    return [amounts, ...(extended ?? [])];
  };
  return [
    ...(differ(({ metadata }) => [metadata.labels, metadata.deletionTimestamp]) ? (['pod-relabelled'] as const) : []),
    ...(mayBeResized(previous, current) && differ(amountsOf) ? (['pod-resized'] as const) : []),
  ];
}

/** Amounts change with the spec and with what a kubelet has allotted: its other reports are passed by cheaply. */
function mayBeResized(previous: Readonly<Pod>, current: Readonly<Pod>): boolean {
  const allotted = ({ status }: Readonly<Pod>): string =>
    JSON.stringify(status?.containerStatuses?.map(({ allocatedResources }) => allocatedResources));
  return previous.metadata.generation !== current.metadata.generation || allotted(previous) !== allotted(current);
}

/** Whether a change of a node may help a waiting pod: heartbeats do not. */
function nodeMatters(previous: Readonly<Node>, current: Readonly<Node>): boolean {
  const facts = ({ metadata, spec, status }: Readonly<Node>): string =>
    JSON.stringify([metadata.labels, spec.taints, spec.unschedulable, status?.allocatable]);
  return facts(previous) !== facts(current);
}
