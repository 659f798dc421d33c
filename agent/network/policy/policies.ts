// NetworkPolicy for the pods of this node. Costs nothing while the cluster has no policy: no table, and no pods followed.
import { systemClock } from '../../../machinery/clock.ts';
import { runBatchLoop } from '../batch-loop.ts';
import type { PoliciesOptions } from '../contract.ts';
import { createPodDirectory } from './directory.ts';
import type { PodDirectory } from './directory.ts';
import type { FollowedCluster } from './follow.ts';
import { planPolicies } from './plan-policies.ts';
import type { PolicyPlan } from './plan-policies.ts';
import { createPoliciesTable, stagePlan } from './policies-table.ts';

/** What runs only while there are policies. */
interface Active {
  readonly cluster: FollowedCluster;
  readonly directory: PodDirectory;
  readonly end: () => void;
}

/** Runs until the signal aborts; the rules stay, so that pods stay isolated while the agent is away. */
export async function runPolicies(options: PoliciesOptions): Promise<void> {
  const { informers, nodeName, logger, signal, follow, clock = systemClock } = options;
  const { networkPolicies } = informers;
  if (
    !(await networkPolicies.whenSynced(signal).then(
      () => true,
      () => false,
    ))
  )
    return;
  let table = createPoliciesTable();
  let plan: PolicyPlan | undefined;
  let active: Active | undefined;
  let isClear = false; // whether the kernel surely holds no table of an earlier run
  let wake: (key: string) => void = () => undefined;

  const activate = async (): Promise<Active> => {
    if (active !== undefined) return active;
    const stop = new AbortController();
    const cluster = follow(AbortSignal.any([signal, stop.signal]));
    await Promise.all([cluster.pods.whenSynced(signal), cluster.namespaces.whenSynced(signal)]);
    const directory = createPodDirectory();
    const stops = [
      cluster.namespaces.onDidChange(({ key, current }) => {
        directory.putNamespace(key, current);
        wake('namespace');
      }),
      cluster.pods.onDidChange(({ key, current }) => {
        directory.putPod(key, current);
        wake('pod');
      }),
    ];
    active = { cluster, directory, end: () => (stops.forEach((each) => each()), stop.abort()) };
    return active;
  };
  const deactivate = async (): Promise<void> => {
    active?.end();
    active = undefined;
    if (isClear) return;
    await table.destroy();
    table = createPoliciesTable();
    plan = undefined;
    isClear = true;
  };
  await runBatchLoop({
    name: 'network policies',
    subscribe(add) {
      wake = add;
      add('policy');
      return networkPolicies.onDidChange(() => add('policy'));
    },
    async sync() {
      const policies = networkPolicies.list();
      if (policies.length === 0) return deactivate();
      const { directory } = await activate();
      const next = planPolicies(policies, directory, nodeName);
      stagePlan(table, plan, next);
      plan = next;
      isClear = false;
      await table.commit();
    },
    async repair() {
      if (active === undefined || plan === undefined) return;
      if (await table.repair()) logger.warn('the policy rules had been tampered with; loaded them anew');
    },
    repairEveryMs: 10_000,
    logger,
    clock,
    signal,
  });
  active?.end();
}
