// What could be done about each objection of a node to a pod. Nothing here knows whether it would suffice.
import { firstUntolerated, formatTaint, tolerates } from '../filters/tolerations.ts';
import type { Sentence } from '../sentences.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { claimAgain, mendedClaim, newClaim, newVolume, releasedClaim, releasedDevices } from './claim-remedies.ts';
import { companyRemedies } from './company-remedies.ts';
import { affinityRemedies, topologyRemedies } from './label-remedies.ts';
import type { Candidate } from './remedy.ts';
import { administrativeCost } from './remedy.ts';
import { movablePods, moveCandidate, podSlotRemedies, resourceRemedies } from './resource-remedies.ts';

const hard: ReadonlySet<string> = new Set(['NoSchedule', 'NoExecute']);
const cordonTaint = 'node.kubernetes.io/unschedulable';

/** Candidates for one node, by what it objects to. */
export function* candidatesFor(
  node: NodeInfo,
  pod: PodInfo,
  snapshot: Snapshot,
  objections: readonly Sentence[],
): Iterable<Candidate> {
  const keys = new Set(objections.map(({ key }) => key));
  if (keys.has('insufficient')) yield* resourceRemedies(node, pod);
  if (keys.has('nodeSelector') || keys.has('nodeAffinity')) yield* affinityRemedies(node, pod);
  for (const { key, values } of objections) {
    const text = (name: string): string => String(values[name] ?? '');
    if (key === 'unschedulable') yield uncordon(node);
    else if (key === 'taint') yield* withoutTaints(node, pod);
    else if (key === 'otherNode') yield dropNodeName(node, text('wanted'));
    else if (key === 'tooManyPods') yield* podSlotRemedies(node);
    else if (key === 'hostPort')
      yield* movedAway(node, (other) => holdsPort(other, Number(values.port), text('protocol')));
    else if (key === 'volumeLimit') yield* movedAway(node, ({ hasClaims }) => hasClaims, true);
    else if (key === 'claimTaken') yield* movedFrom(snapshot, text('pod'), node);
    else if (key === 'gated') yield withoutGates(node, text('gates'));
    else if (key === 'noVolume') yield* newVolume(node, pod, text('claim'), snapshot);
    else if (key === 'claimNotReady') yield* newClaim(node, pod, text('claim'), snapshot);
    else if (key === 'volumeElsewhere' || key === 'volumeGone' || key === 'volumeZone')
      yield* claimAgain(node, pod, text('claim'));
    else if (key === 'affinity') yield* companyRemedies(node, pod, snapshot, text('topologyKey'));
    else if (key === 'spreadKey' || key === 'affinityKey') yield* topologyRemedies(node, text('topologyKey'), snapshot);
    else if (key === 'spread') yield raiseSkew(node, text('topologyKey'), Number(values.count) - Number(values.fewest));
    else if (key === 'antiAffinity' || key === 'existingAntiAffinity')
      yield* apart(node, pod, snapshot, text('topologyKey'), key === 'antiAffinity');
    else if (key === 'noDevices') yield* releasedDevices(node, snapshot);
    else if (key === 'devicesElsewhere') yield* releasedClaim(node, pod, text('claim'));
    else if (key === 'claimProblem') yield* mendedClaim(node, pod, text('claim'), text('deviceClass'), snapshot);
  }
}

function uncordon(node: NodeInfo): Candidate {
  // Uncordoning takes the taint along that a cordon brings.
  const withoutTaints = node.taints.filter(({ key }) => key === cordonTaint);
  return {
    kind: 'uncordon',
    node: node.name,
    cost: administrativeCost,
    sentence: { key: 'remedyUncordon', values: { node: node.name } },
    change: { type: 'node-changed', node: node.name, uncordon: true, withoutTaints },
  };
}

function* withoutTaints(node: NodeInfo, pod: PodInfo): Iterable<Candidate> {
  const taints = node.taints.filter((taint) => hard.has(taint.effect) && !tolerates(pod.tolerations, taint));
  if (!firstUntolerated(taints, pod.tolerations, hard)) return;
  yield {
    kind: 'remove-taint',
    node: node.name,
    cost: administrativeCost * taints.length,
    sentence: { key: 'remedyTaint', values: { node: node.name, taint: taints.map(formatTaint).join(' ') } },
    change: { type: 'node-changed', node: node.name, withoutTaints: taints },
  };
}

function dropNodeName(node: NodeInfo, wanted: string): Candidate {
  return {
    kind: 'drop-node-name',
    node: node.name,
    cost: 2 * administrativeCost,
    sentence: { key: 'remedyNodeName', values: { wanted } },
    change: { type: 'node-name-dropped' },
  };
}

function withoutGates(node: NodeInfo, gates: string): Candidate {
  return {
    kind: 'remove-gates',
    node: node.name,
    cost: administrativeCost,
    sentence: { key: 'remedyGates', values: { gates } },
    change: { type: 'gates-removed' },
  };
}

/** Moves what is in the way: all of it, or one after the other where one less may do. */
function* movedAway(node: NodeInfo, isInTheWay: (other: PodInfo) => boolean, oneMayDo = false): Iterable<Candidate> {
  const pods = movablePods(node)
    .filter(isInTheWay)
    .sort((a, b) => a.priority - b.priority || (a.key < b.key ? -1 : 1));
  if (pods.length === 0) return;
  if (oneMayDo) for (const pod of pods.slice(0, 5)) yield moveCandidate(node, [pod], 0);
  if (!oneMayDo || pods.length > 1) yield moveCandidate(node, pods, 0);
}

function holdsPort({ hostPorts }: PodInfo, port: number, protocol: string): boolean {
  return hostPorts.some((one) => one.port === port && one.protocol === protocol);
}

/** A claim for one pod alone: its user has to give it up, wherever it runs. */
function* movedFrom(snapshot: Snapshot, key: string, node: NodeInfo): Iterable<Candidate> {
  const host = snapshot.nodeOf(key);
  const user = host?.pods.get(key);
  if (host && user) yield { ...moveCandidate(host, [user], 0), node: node.name };
}

function raiseSkew(node: NodeInfo, topologyKey: string, maxSkew: number): Candidate {
  return {
    kind: 'raise-skew',
    node: node.name,
    cost: 2 * administrativeCost,
    sentence: { key: 'remedySkew', values: { topologyKey, maxSkew } },
    change: { type: 'skew-raised', topologyKey, maxSkew },
  };
}

/** Pods of the same domain that this pod must avoid, or that must avoid it. */
function* apart(
  node: NodeInfo,
  pod: PodInfo,
  snapshot: Snapshot,
  topologyKey: string,
  isOurs: boolean,
): Iterable<Candidate> {
  const domain = node.labels[topologyKey];
  const clashes = (other: PodInfo): boolean => {
    const [from, to] = isOurs ? [pod, other] : [other, pod];
    return from.antiAffinity.some(
      (term) => term.topologyKey === topologyKey && term.matches(to.namespace, to.labels, snapshot.namespaceLabels),
    );
  };
  const there = snapshot.nodes.filter(({ labels }) => labels[topologyKey] === domain);
  const pods = there.flatMap((one) => movablePods(one).filter(clashes));
  if (pods.length > 0 && pods.length <= 5) yield moveCandidate(node, pods, 0);
}
