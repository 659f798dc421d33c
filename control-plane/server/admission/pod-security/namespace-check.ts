// What a namespace's pods would say to a stricter level: warnings when its labels change. Pure.
import type { Pod } from '../../../../api/kinds/core/index.ts';
import { evaluate, summarizeFaults } from './evaluate.ts';
import { formatStandard, type Standard } from './levels.ts';

const mostPods = 3000;

/** Warnings about pods that run already and would be refused now; replicas of one owner are looked at last. */
export function warnOfExistingPods(namespace: string, pods: readonly Readonly<Pod>[], enforce: Standard): string[] {
  const chosen = oneOfEachOwnerFirst(pods).slice(0, mostPods);
  const found = new Map<string, string[]>();
  for (const { metadata, spec } of chosen) {
    const faults = evaluate(enforce, { annotations: metadata.annotations ?? {}, spec });
    if (faults.length === 0) continue;
    const summary = summarizeFaults(faults);
    found.set(summary, [...(found.get(summary) ?? []), metadata.name]);
  }
  const warnings: string[] = [];
  if (chosen.length < pods.length)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${chosen.length} of ${pods.length} existing pods`,
    );
  if (found.size === 0) return warnings;
  warnings.push(
    `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(formatStandard(enforce))}`,
  );
  const sentences = [...found].map(([summary, names]) => `${namePods(names)}: ${summary}`);
  return [...warnings, ...sentences.sort()];
}

function namePods(names: readonly string[]): string {
  const first = [...names].sort()[0] ?? '';
  const others = names.length - 1;
  return others === 0 ? first : `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}

function oneOfEachOwnerFirst(pods: readonly Readonly<Pod>[]): Readonly<Pod>[] {
  const owners = new Set<string>();
  const [firsts, others]: [Readonly<Pod>[], Readonly<Pod>[]] = [[], []];
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    if (owner !== undefined && owners.has(owner)) others.push(pod);
    else firsts.push(pod);
    if (owner !== undefined) owners.add(owner);
  }
  return [...firsts, ...others];
}
