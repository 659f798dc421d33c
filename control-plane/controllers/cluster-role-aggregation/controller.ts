// Keeps the rules of ClusterRoles that aggregate as their plan has them.
import type { ControllerContext } from '../context.ts';
import { clusterRoles } from '../../../api/kinds/rbac/index.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { isSame } from '../same.ts';
import { planRules } from './plan.ts';

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
