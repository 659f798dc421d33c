// Evicts pods from devices that their drivers taint with NoExecute, once the requests' tolerations end.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ResourceClaim } from '../../../api/kinds/resource/index.ts';
import type { ControllerContext } from '../context.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { resourceClaims, resourceSlices } from '../../../api/kinds/resource/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { disruptPod } from '../disrupt-pod.ts';
import { isFinished } from '../pod-state.ts';
import { evictingTaints, planDeviceEvictionMs } from './plan.ts';

const cause = {
  reason: 'DeletionByDeviceTaintManager',
  message: 'Device Taint manager: deleting due to NoExecute taint',
};

function poolsOf(claim: Readonly<ResourceClaim>): string[] {
  const results = claim.status?.allocation?.devices?.results ?? [];
  return [...new Set(results.map(({ driver, pool }) => `${driver}/${pool}`))];
}

/** Runs until the context's signal aborts. */
export function runDeviceTaintEvictionController(context: ControllerContext): Promise<void> {
  const { informers, clock, signal, logger } = context;
  const claimInformer = informers.of(resourceClaims, { devicePool: poolsOf });
  const sliceInformer = informers.of(resourceSlices);
  const podInformer = informers.of(pods);
  const recorder = context.recorder('device-taint-eviction');
  /** Worked out anew when a slice has changed. */
  let taints: ReturnType<typeof evictingTaints> | undefined;

  const usersOf = (claim: Readonly<ResourceClaim>): Readonly<Pod>[] =>
    (claim.status?.reservedFor ?? []).flatMap(({ resource, name, uid }) => {
      const pod = resource === 'pods' ? podInformer.get(`${claim.metadata.namespace}/${name}`) : undefined;
      const isThere = pod?.metadata.uid === uid && pod.metadata.deletionTimestamp === undefined;
      return pod && isThere && pod.spec.nodeName && !isFinished(pod) ? [pod] : [];
    });

  return runController({
    name: 'device-taint-eviction',
    sources: [
      watchFor(claimInformer),
      watchFor(sliceInformer, ({ spec }) => {
        taints = undefined;
        return claimInformer.byIndex('devicePool', `${spec.driver}/${spec.pool.name}`).map(keyOf);
      }),
      { whenSynced: (until) => podInformer.whenSynced(until), start: () => () => undefined },
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const claim = claimInformer.get(key);
      if (claim === undefined || !claim.status?.allocation) return;
      taints ??= evictingTaints(sliceInformer.list());
      const leaveMs = planDeviceEvictionMs(claim, taints);
      if (leaveMs === undefined) return;
      const leftMs = leaveMs - clock.now();
      if (leftMs > 0) return { requeueAfterMs: leftMs };
      for (const pod of usersOf(claim)) {
        recorder.record(pod, 'Normal', 'DeviceTaintManagerEviction', 'Marking for deletion');
        await disruptPod(context, pod, cause);
      }
      return;
    },
  });
}
