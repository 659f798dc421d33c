// Remedies by labels: what a node would have to be called for a pod to accept it.
import type { NodeSelectorTerm } from '../../../api/kinds/core/index.ts';
import { compileNodeTerm } from '../snapshot/terms.ts';
import type { NodeInfo } from '../snapshot/node-info.ts';
import type { PodInfo } from '../snapshot/pod-info.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Candidate } from './remedy.ts';
import { administrativeCost } from './remedy.ts';

type Labels = Record<string, string | null>;

/** Labels for the pod's node selector and for the required affinity term that is nearest. */
export function* affinityRemedies(node: NodeInfo, pod: PodInfo): Iterable<Candidate> {
  const selected: Labels = Object.fromEntries(pod.nodeSelector.filter(([key, value]) => node.labels[key] !== value));
  const terms =
    pod.pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const isMet = terms.length === 0 || terms.some((term) => compileNodeTerm(term)(node.labels, node.name));
  const nearest = isMet
    ? {}
    : terms
        .map((term) => labelsFor(term, node))
        .filter((labels) => labels !== undefined)
        .sort((a, b) => Object.keys(a).length - Object.keys(b).length)[0];
  if (nearest) yield* labelCandidate(node, { ...selected, ...nearest });
}

/** The label of a topology, with the value of a node that has one: the emptiest domain comes first. */
export function* topologyRemedies(node: NodeInfo, topologyKey: string, snapshot: Snapshot): Iterable<Candidate> {
  const pods = new Map<string, number>();
  for (const other of snapshot.nodes) {
    const domain = other.labels[topologyKey];
    if (domain !== undefined) pods.set(domain, (pods.get(domain) ?? 0) + other.pods.size);
  }
  const domains = [...pods].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).slice(0, 3);
  for (const [domain] of domains) yield* labelCandidate(node, { [topologyKey]: domain });
}

function* labelCandidate(node: NodeInfo, labels: Labels): Iterable<Candidate> {
  const names = Object.entries(labels);
  // A node's own name is not for taking.
  if (names.length === 0 || 'kubernetes.io/hostname' in labels) return;
  // As kubectl writes it: key=value sets a label, key- takes it away.
  const label = names.map(([key, value]) => (value === null ? `${key}-` : `${key}=${value}`)).join(' ');
  yield {
    kind: 'add-label',
    node: node.name,
    cost: administrativeCost * names.length,
    sentence: { key: 'remedyLabel', values: { node: node.name, label } },
    change: { type: 'node-changed', node: node.name, labels },
  };
}

/** What makes a node meet a term; undefined when labels cannot. */
function labelsFor({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeInfo): Labels | undefined {
  if (matchExpressions.length === 0) return undefined;
  if (matchFields.length > 0 && !compileNodeTerm({ matchFields })(node.labels, node.name)) return undefined;
  const labels: Labels = {};
  for (const expression of matchExpressions) {
    if (compileNodeTerm({ matchExpressions: [expression] })(node.labels, node.name)) continue;
    const { key, operator, values = [] } = expression;
    const [first = ''] = values;
    if (operator === 'In') labels[key] = first;
    else if (operator === 'Exists') labels[key] = '';
    else if (operator === 'NotIn' || operator === 'DoesNotExist') labels[key] = null;
    else labels[key] = String(Number(first) + (operator === 'Gt' ? 1 : -1));
  }
  return labels;
}
