// ClusterRoles that aggregate hold the rules of all the roles that they select, in the order of their names.
import type { ClusterRole } from '../../../api/kinds/rbac/index.ts';
import type { ControllerContext } from '../context.ts';
import { clusterRoles } from '../../../api/kinds/rbac/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { isSame } from '../same.ts';

/** The rules that the role should have, or undefined when it does not aggregate. */
export function planRules(role: Readonly<ClusterRole>, all: readonly Readonly<ClusterRole>[]): ClusterRole['rules'] {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  if (selectors === undefined) return undefined;
  const rules: NonNullable<ClusterRole['rules']> = [];
  const selected = all
    .filter(
      (one) =>
        one.metadata.uid !== role.metadata.uid &&
        selectors.some((selector) => matchesLabelSelector(selector, one.metadata.labels ?? {})),
    )
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const rule of selected.flatMap((one) => one.rules ?? [])) {
    if (!rules.some((known) => isSame(known, rule))) rules.push(rule);
  }
  return rules;
}

/** Runs until the context's signal aborts. */
export function runClusterRoleAggregationController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const informer = informers.of(clusterRoles);
  const aggregating = (): string[] =>
    informer.list().flatMap(({ aggregationRule, metadata }) => (aggregationRule ? [metadata.name] : []));
  return runController({
    name: 'clusterrole-aggregation',
    sources: [watchFor(informer, aggregating)],
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const role = informer.get(name);
      const rules = role && planRules(role, informer.list());
      if (role === undefined || rules === undefined || isSame(rules, role.rules ?? [])) return;
      await client.resource(clusterRoles).update({ ...role, rules }, { signal });
    },
  });
}
