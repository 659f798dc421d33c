// A drill's plan: what would happen, and why it is not done now. Pure.
// A machine that goes silent is called lost after the grace of the cluster; its pods stop counting then, and leave when
// their own patience (tolerationSeconds) is over as well. A drill shorter than that moves nothing. Pods that do not work
// even before, and those of Jobs, which end by nature, are neither predicted nor compared.
import type { DrillPlan, DrillPrediction, DrillQuorum, EtcdMember } from '../../../api/console/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { controllerOf, keyOf } from '../../../api/meta/object-meta.ts';
import { isFollowed, servicesLost } from './concerned.ts';
import { drillRefusals, drillWarnings } from './drill-reasons.ts';
import type { DrillFacts } from './facts.ts';

const unreachable = 'node.kubernetes.io/unreachable';
const mirror = 'kubernetes.io/config.mirror';
const usualGraceSeconds = 40;

/** The plan of a drill on a cluster as it is. */
export function planDrill(facts: DrillFacts): DrillPlan {
  const { target, holdSeconds } = facts;
  const prediction = predict(facts);
  return {
    target,
    holdSeconds,
    refusals: drillRefusals(facts),
    warnings: drillWarnings(facts, prediction),
    prediction,
  };
}

/** How the members of etcd would stand without the machine (or as they are, without one). */
export function quorumOf(members: readonly EtcdMember[], without?: string): DrillQuorum | undefined {
  if (members.length === 0) return undefined;
  const working = members.filter(({ name, healthy }) => healthy && name !== without).length;
  const needed = Math.floor(members.length / 2) + 1;
  return { members: members.length, working, needed, canLose: working - needed };
}

function predict(facts: DrillFacts): DrillPrediction {
  const { target, rehearsal, holdSeconds, members } = facts;
  const isPod = target.kind === 'pod';
  const cutsMember = target.kind === 'master' || target.kind === 'link';
  const quorum = quorumOf(members, cutsMember ? target.machine : undefined);
  const isSilent = target.kind === 'agent' || target.kind === 'link';
  const noticed = isSilent ? (facts.spec?.settings.nodeMonitorGraceSeconds ?? usualGraceSeconds) : undefined;
  const followed = facts.pods.filter(isFollowed);
  const patience = new Map(followed.map((pod) => [keyOf(pod), isPod ? 0 : leavesAfter(pod, noticed)]));
  const leaves = (pod: string): boolean => (patience.get(pod) ?? Infinity) < holdSeconds;
  const first = Math.min(...patience.values(), Infinity);
  const isSeen = isPod || (noticed !== undefined && noticed < holdSeconds);
  return {
    rehearsed: rehearsal !== undefined,
    ...(noticed !== undefined && { noticedAfterSeconds: noticed }),
    ...(!isPod && Number.isFinite(first) && { leaveAfterSeconds: first }),
    moved: rehearsal?.moved.filter(({ pod }) => leaves(pod)) ?? [],
    pending:
      rehearsal?.pending
        .filter(({ pod, from }) => from !== undefined && leaves(pod))
        .map(({ pod, reason }) => ({ pod, reason })) ?? [],
    gone: followed.filter((pod) => controllerOf(pod) === undefined && leaves(keyOf(pod))).map(keyOf),
    budgetsBroken: rehearsal?.budgetsBroken.filter(({ pods }) => pods.some(leaves)) ?? [],
    services: isSeen ? servicesLost(facts) : [],
    ...(quorum !== undefined && { quorum }),
  };
}

/** Seconds of silence after which the pod leaves; Infinity when it stays, as a machine's own pods do. */
function leavesAfter(pod: Pod, noticedSeconds: number | undefined): number {
  if (noticedSeconds === undefined) return Infinity;
  if (controllerOf(pod)?.kind === 'DaemonSet' || pod.metadata.annotations?.[mirror] !== undefined) return Infinity;
  const tolerations = (pod.spec.tolerations ?? []).filter(
    ({ key, effect }) => (!key || key === unreachable) && (!effect || effect === 'NoExecute'),
  );
  if (tolerations.length === 0) return noticedSeconds;
  const limits = tolerations.flatMap(({ tolerationSeconds: limit }) => (limit === undefined ? [] : [limit]));
  return limits.length === 0 ? Infinity : noticedSeconds + Math.max(0, Math.min(...limits));
}
