// Affinity terms, compiled once: node selector terms to a function of a node, pod terms to a function of a pod's
// namespace and labels. A node term without expressions matches nothing, as upstream.
import { matchesSelector, selectorOf } from '../../../api/meta/selectors.ts';
import type { Requirement, Selector } from '../../../api/meta/selectors.ts';
import type { NodeSelectorTerm, PodAffinityTerm } from '../../../api/kinds/core/index.ts';

type Labels = Readonly<Record<string, string>>;

export type CompiledNodeTerm = (labels: Labels, nodeName: string) => boolean;

export interface CompiledPodTerm {
  readonly topologyKey: string;
  /** `namespaceLabels` is asked only when the term selects namespaces by label. */
  matches(namespace: string, labels: Labels, namespaceLabels: (namespace: string) => Labels): boolean;
}

/** Compiles a node selector term. */
export function compileNodeTerm(term: NodeSelectorTerm): CompiledNodeTerm {
  const expressions = (term.matchExpressions ?? []) as readonly Requirement[];
  const fields = (term.matchFields ?? []) as readonly Requirement[];
  if (expressions.length === 0 && fields.length === 0) return () => false;
  const byLabels = expressions.map(normalize);
  const byFields = fields.map(normalize);
  return (labels, nodeName) =>
    matchesSelector(byLabels, labels) &&
    (byFields.length === 0 || matchesSelector(byFields, { 'metadata.name': nodeName }));
}

function normalize(requirement: Requirement): Requirement {
  return { ...requirement, values: requirement.values ?? [] };
}

/** Compiles a pod affinity term of a pod in `namespace` with `labels` (which matchLabelKeys take values from). */
export function compilePodTerm(term: PodAffinityTerm, namespace: string, labels: Labels): CompiledPodTerm {
  const selector = withLabelKeys(term, labels);
  const listed = new Set(term.namespaces ?? []);
  const { namespaceSelector } = term;
  if (listed.size === 0 && namespaceSelector === undefined) listed.add(namespace);
  const namespaces = namespaceSelector === undefined ? undefined : selectorOf(namespaceSelector);
  return {
    topologyKey: term.topologyKey,
    matches(otherNamespace, otherLabels, namespaceLabels) {
      if (selector === undefined) return false;
      const inside =
        listed.has(otherNamespace) ||
        (namespaces !== undefined &&
          (namespaces.length === 0 || matchesSelector(namespaces, namespaceLabels(otherNamespace))));
      return inside && matchesSelector(selector, otherLabels);
    },
  };
}

/** The label selector with matchLabelKeys and mismatchLabelKeys merged in; a term without a selector matches nothing. */
function withLabelKeys(term: PodAffinityTerm, labels: Labels): Selector | undefined {
  if (term.labelSelector === undefined) return undefined;
  const extra: Requirement[] = [];
  const merge = (keys: readonly string[] | undefined, operator: 'In' | 'NotIn'): void => {
    for (const key of keys ?? []) {
      const value = labels[key];
      if (value !== undefined) extra.push({ key, operator, values: [value] });
    }
  };
  merge(term.matchLabelKeys, 'In');
  merge(term.mismatchLabelKeys, 'NotIn');
  return [...selectorOf(term.labelSelector), ...extra];
}
