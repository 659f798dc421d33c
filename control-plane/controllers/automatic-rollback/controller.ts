// Rolls failed rollouts back where their owner asked for it; works with every console closed. The evidence is kept as
// an event, as a condition of the Deployment and as the change cause of the revision that it goes back to.
import type { ReplicaSet } from '../../../api/kinds/apps/index.ts';
import type { ControllerContext } from '../context.ts';
import { deployments, replicaSets } from '../../../api/kinds/apps/index.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { controllerOf, keyOf } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { keysOfOwned, ownerIndexes } from '../ownership.ts';
import { revisionOf } from '../deployment/revisions.ts';
import {
  changeCauseAnnotation,
  conditionType,
  goodAnnotation,
  planRollback,
  rollbackSentence,
  rolledBackAnnotation,
} from './plan.ts';

/** Runs until the context's signal aborts. */
export function runAutomaticRollbackController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const deploymentInformer = informers.of(deployments);
  const setInformer = informers.of(replicaSets, ownerIndexes);
  const podInformer = informers.of(pods, ownerIndexes);
  const recorder = context.recorder('automatic-rollback-controller');
  const keysOfSet = keysOfOwned('Deployment', deploymentInformer);

  const annotate = (set: Readonly<ReplicaSet>, annotations: Record<string, string>): Promise<ReplicaSet> => {
    const { name, namespace, uid } = set.metadata;
    return client
      .resource(replicaSets, namespace)
      .patch(name, { type: 'merge', body: { metadata: { uid, annotations } } }, { signal });
  };

  return runController({
    name: 'automatic-rollback',
    sources: [
      watchFor(deploymentInformer),
      watchFor(setInformer, keysOfSet),
      watchFor(podInformer, (pod) => {
        const owner = controllerOf(pod);
        const set =
          owner?.kind === 'ReplicaSet' ? setInformer.get(`${pod.metadata.namespace}/${owner.name}`) : undefined;
        return set ? keysOfSet(set) : [];
      }),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const deployment = deploymentInformer.get(key);
      if (deployment === undefined) return;
      const sets = setInformer.byIndex('controller', deployment.metadata.uid);
      const plan = planRollback(
        deployment,
        sets,
        (set) => podInformer.byIndex('controller', set.metadata.uid),
        clock.now(),
      );
      if (plan.do === 'nothing')
        return plan.untilMs === undefined ? undefined : { requeueAfterMs: plan.untilMs - clock.now() + 50 };
      if (plan.do === 'markGood') {
        await annotate(plan.set, { [goodAnnotation]: String(revisionOf(plan.set)), [rolledBackAnnotation]: '' });
        return;
      }
      if (plan.do === 'tell') {
        recorder.record(deployment, 'Warning', 'RollbackImpossible', plan.message);
        return;
      }
      const { name, namespace, uid, resourceVersion } = deployment.metadata;
      const api = client.resource(deployments, namespace);
      if (plan.do === 'report') {
        recorder.record(deployment, 'Warning', 'RolledBack', plan.sentence);
        const time = formatTime(clock.now());
        const condition = {
          type: conditionType,
          status: 'True',
          reason: 'RolloutFailed',
          message: plan.sentence,
          lastUpdateTime: time,
          lastTransitionTime: time,
        };
        const body = { metadata: { uid }, status: { conditions: [condition] } };
        await api.patch(name, { type: 'strategic', body }, { subresource: 'status', signal });
        return;
      }
      const sentence = rollbackSentence(plan.from, plan.to, plan.evidence);
      // The failed revision is marked first: killed here, the next try finds the same plan. What was done is told when
      // the Deployment itself says so: killed there, it is told later.
      await annotate(plan.from, { [rolledBackAnnotation]: String(revisionOf(plan.from)) });
      const operations = [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
        { op: 'replace', path: '/spec/template', value: plan.template },
        { op: 'add', path: `/metadata/annotations/${changeCauseAnnotation.replaceAll('/', '~1')}`, value: sentence },
      ];
      await api.patch(name, { type: 'json', body: operations }, { signal });
      logger.info(
        { deployment: keyOf(deployment), from: String(revisionOf(plan.from)), to: String(revisionOf(plan.to)) },
        'rolled back',
      );
    },
  });
}
