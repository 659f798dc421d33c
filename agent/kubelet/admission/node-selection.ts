// Whether a node is one that a pod may run on by its own words: node selector, required node affinity, tolerated taints.
// Pure; the kubelet asks it again of what the scheduler (or whoever bound the pod) decided.
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { matchesSelector } from '../../../api/meta/selectors.ts';
import type { Requirement } from '../../../api/meta/selectors.ts';

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
type Toleration = NonNullable<Pod['spec']['tolerations']>[number];

export function selectsNode(pod: Readonly<Pod>, node: Readonly<Node>): boolean {
  const { labels = {}, name } = node.metadata;
  const { nodeSelector = {}, affinity } = pod.spec;
  if (Object.entries(nodeSelector).some(([key, value]) => labels[key] !== value)) return false;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined) return true;
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchesSelector(matchExpressions.map(complete), labels) &&
      matchesSelector(matchFields.map(complete), { 'metadata.name': name })
    );
  });
}

/** The first taint that throws running pods out and that the pod does not tolerate. */
export function untoleratedTaint(pod: Readonly<Pod>, node: Readonly<Node>): Taint | undefined {
  const { tolerations = [] } = pod.spec;
  return (node.spec?.taints ?? [])
    .filter(({ effect }) => effect === 'NoExecute')
    .find((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}

function tolerates({ key = '', operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  const [own, theirs] = [Number(value), Number(taint.value ?? '')];
  if (operator === 'Lt') return theirs < own;
  if (operator === 'Gt') return theirs > own;
  return key !== '' && value === (taint.value ?? '');
}

function complete(requirement: { key: string; operator: string; values?: readonly string[] }): Requirement {
  return {
    ...requirement,
    operator: requirement.operator as Requirement['operator'],
    values: requirement.values ?? [],
  };
}
