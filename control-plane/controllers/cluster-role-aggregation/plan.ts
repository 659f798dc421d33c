// The rules of a ClusterRole that aggregates: those of every role that it selects, in the order of their names, through
// other aggregating roles down to the roles that somebody wrote. Pure. What an aggregating role holds now never counts:
// roles that select each other would else pass their rules around for ever.
import type { ClusterRole } from '../../../api/kinds/rbac/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { isSame } from '../same.ts';

type Roles = readonly Readonly<ClusterRole>[];

function selectedBy(role: Readonly<ClusterRole>, all: Roles): Roles {
  const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
  return all
    .filter(({ metadata }) => selectors.some((selector) => matchesLabelSelector(selector, metadata.labels ?? {})))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The rules that the role should have, or undefined when it does not aggregate. */
export function planRules(role: Readonly<ClusterRole>, all: Roles): ClusterRole['rules'] {
  if (role.aggregationRule?.clusterRoleSelectors === undefined) return undefined;
  const rules: NonNullable<ClusterRole['rules']> = [];
  const seen = new Set<string>();
  const collect = (one: Readonly<ClusterRole>): void => {
    if (seen.has(one.metadata.name)) return;
    seen.add(one.metadata.name);
    if (one.aggregationRule?.clusterRoleSelectors) return selectedBy(one, all).forEach(collect);
    for (const rule of one.rules ?? []) if (!rules.some((known) => isSame(known, rule))) rules.push(rule);
  };
  collect(role);
  return rules;
}
