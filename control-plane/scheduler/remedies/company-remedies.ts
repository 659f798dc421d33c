// Remedies for a pod that wants to be near others: somebody to be near, running in the node's domain.
import type { LabelSelector } from '../../../api/kinds/meta/index.ts';
import type { Pod, PodAffinityTerm } from '../../../api/kinds/core/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Candidate } from './remedy.ts';
import { administrativeCost } from './remedy.ts';

/** A pod that each required term over this topology would accept, where labels can say so. */
export function* companyRemedies(
  node: NodeInfo,
  pod: PodInfo,
  snapshot: Snapshot,
  topologyKey: string,
): Iterable<Candidate> {
  const domain = node.labels[topologyKey];
  const terms = pod.pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const term of terms.filter((one) => one.topologyKey === topologyKey)) {
    const labels = labelsFor(term, pod.labels);
    const namespace = namespaceFor(term, pod.namespace, snapshot);
    if (labels === undefined || namespace === undefined || domain === undefined) continue;
    const company = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: `near-${pod.pod.metadata.name}`, labels },
      spec: { containers: [] },
    } as unknown as Pod;
    const named = Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
    yield {
      kind: 'start-company',
      node: node.name,
      cost: 2 * administrativeCost,
      sentence: { key: 'remedyCompany', values: { labels: named.join(' '), topologyKey, domain } },
      change: { type: 'company-started', pod: company, node: node.name },
    };
  }
}

/** The fewest labels that a term selects; undefined when it selects nothing, or what it must not have stands against it. */
function labelsFor(
  { labelSelector, matchLabelKeys = [] }: PodAffinityTerm,
  own: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  if (labelSelector === undefined) return undefined;
  const labels: Record<string, string> = { ...labelSelector.matchLabels };
  for (const { key, operator, values = [] } of labelSelector.matchExpressions ?? []) {
    if (operator === 'In') labels[key] ??= values[0] ?? '';
    else if (operator === 'Exists') labels[key] ??= '';
  }
  for (const key of matchLabelKeys) if (own[key] !== undefined) labels[key] ??= own[key];
  return matchesLabelSelector(labelSelector as LabelSelector, labels) ? labels : undefined;
}

/** A namespace that a term looks into: the pod's own where it may. */
function namespaceFor(term: PodAffinityTerm, own: string, snapshot: Snapshot): string | undefined {
  const listed = term.namespaces ?? [];
  if (listed.length === 0 && term.namespaceSelector === undefined) return own;
  if (listed.includes(own)) return own;
  const { namespaceSelector } = term;
  if (namespaceSelector && matchesLabelSelector(namespaceSelector as LabelSelector, snapshot.namespaceLabels(own)))
    return own;
  return listed[0];
}
