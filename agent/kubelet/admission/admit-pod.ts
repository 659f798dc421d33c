// Admission as the pod loop uses it: a new pod is refused or given what it asks for, a resized one is given more when the
// node has it. Decisions are made one after the other, so two pods never get the same room.
import { isDeepStrictEqual } from 'node:util';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import type { PodRecord } from '../pods/pod-record.ts';
import { isTerminalPhase } from '../plan/pod-phase.ts';
import { allocationOf, readAllocation, withAllocation, writeAllocation } from './allocation.ts';
import { amountsOf, podRequests } from './pod-requests.ts';
import { isStatic, refusalOf, resourceRefusal } from './plan-admission.ts';
import type { Refusal } from './plan-admission.ts';

export interface AdmissionOptions {
  readonly dataDir: string;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly allowedSysctls: readonly string[];
  readonly apparmor: boolean;
  /** The Node as this agent knows it, waiting until it does when it must be known; `fresh` asks the API. */
  readonly node: (fresh: boolean, mustKnow: boolean) => Promise<Readonly<Node>>;
  readonly isShuttingDown: () => boolean;
  /** All pods of the node. */
  readonly all: () => readonly PodRecord[];
}

export interface Admission {
  /** Gives a new pod its place. Answers why not; undefined when it may run. Does nothing for one that has its place. */
  admit(record: PodRecord): Promise<Refusal | undefined>;
  /** Gives a pod that asks for other resources what it asks for, if it can be had. */
  resize(record: PodRecord): Promise<'same' | 'given' | Refusal>;
}

/** The pod as it may run: its spec with the resources that it was given. */
export function allocatedPod(record: Pick<PodRecord, 'pod' | 'allocation'>): Readonly<Pod> {
  return withAllocation(record.pod, record.allocation);
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { dataDir, allocatable, allowedSysctls, apparmor, all } = options;
  const othersOf = (record: PodRecord): Readonly<Pod>[] =>
    all()
      .filter((other) => other.uid !== record.uid && holdsItsPlace(other))
      .map(allocatedPod);
  const decide = (record: PodRecord, node: Readonly<Node>): Refusal | undefined =>
    refusalOf(record.pod, {
      node,
      allocatable,
      others: othersOf(record),
      allowedSysctls,
      apparmor,
      isShuttingDown: options.isShuttingDown(),
    });

  return {
    async admit(record) {
      if (record.allocation !== undefined) return undefined;
      // A pod that has begun was admitted by an earlier agent.
      if (record.isAdopted || record.pod.status?.startTime !== undefined) {
        record.allocation = (await readAllocation(dataDir, record.uid)) ?? allocationOf(record.pod);
        return undefined;
      }
      const node = await options.node(false, !isStatic(record.pod));
      let refusal = decide(record, node);
      // Labels may be newer than what the agent has seen of them.
      if (refusal?.reason === 'NodeAffinity') {
        const fresh = await options.node(true, true);
        refusal = decide(record, fresh);
      }
      if (refusal !== undefined) return refusal;
      record.allocation = allocationOf(record.pod);
      await writeAllocation(dataDir, record.uid, record.allocation);
      return undefined;
    },
    async resize(record) {
      const wanted = allocationOf(record.pod);
      if (record.allocation === undefined || isDeepStrictEqual(wanted, record.allocation)) return 'same';
      const refusal =
        infeasible(record.pod, allocatable) ??
        deferred(resourceRefusal(record.pod, { allocatable, others: othersOf(record) }));
      if (refusal !== undefined) return refusal;
      record.allocation = wanted;
      await writeAllocation(dataDir, record.uid, wanted);
      return 'given';
    },
  };
}

/** More than the whole node has can never be given. */
function infeasible(pod: Readonly<Pod>, allocatable: Readonly<Record<string, string>>): Refusal | undefined {
  const capacities = amountsOf(allocatable);
  for (const [name, requested] of podRequests(pod)) {
    const capacity = capacities.get(name);
    if (capacity === undefined || requested <= capacity) continue;
    const message = `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}`;
    return { reason: 'Infeasible', message };
  }
  return undefined;
}

function deferred(refusal: Refusal | undefined): Refusal | undefined {
  return refusal === undefined ? undefined : { reason: 'Deferred', message: refusal.message };
}

function holdsItsPlace({ allocation, isTerminated, verdict, status, pod }: PodRecord): boolean {
  const isOver = verdict !== undefined || isTerminalPhase(status?.phase ?? pod.status?.phase);
  return allocation !== undefined && !isTerminated && !isOver;
}
