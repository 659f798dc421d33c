// Makes the claims of generic ephemeral volumes: one per volume of a pod, owned by the pod, so that it goes with it.
import type { PersistentVolumeClaim, Pod, Volume } from '../../../api/kinds/core/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import type { ControllerContext } from '../context.ts';
import { persistentVolumeClaims, pods } from '../../../api/kinds/core/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { isFinished } from '../pod-state.ts';
import { controllerRefOf } from '../pod-template.ts';

/** The claim of one ephemeral volume, or undefined when the volume is of another sort. */
export function ephemeralClaim(pod: Readonly<Pod>, volume: Readonly<Volume>): Draft<PersistentVolumeClaim> | undefined {
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (template === undefined) return undefined;
  const { name, namespace } = pod.metadata;
  const { labels, annotations } = template.metadata ?? {};
  return {
    metadata: {
      name: `${name}-${volume.name}`,
      namespace,
      labels,
      annotations,
      ownerReferences: [controllerRefOf(pod)],
    },
    spec: structuredClone(template.spec) as PersistentVolumeClaim['spec'],
  };
}

function ephemeralClaimsOf(pod: Readonly<Pod>): string[] {
  const { name, namespace } = pod.metadata;
  return (pod.spec.volumes ?? []).flatMap((volume) =>
    volume.ephemeral ? [`${namespace}/${name}-${volume.name}`] : [],
  );
}

/** Runs until the context's signal aborts. */
export function runEphemeralVolumeController(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const podInformer = informers.of(pods, { ephemeralClaim: ephemeralClaimsOf });
  const claimInformer = informers.of(persistentVolumeClaims);
  const recorder = context.recorder('ephemeral-volume-controller');
  return runController({
    name: 'ephemeral-volume',
    sources: [
      watchFor(podInformer, (pod, { previous }) =>
        previous === undefined && pod.spec.volumes?.some(({ ephemeral }) => ephemeral)
          ? [`${pod.metadata.namespace}/${pod.metadata.name}`]
          : [],
      ),
      // A claim that somebody deleted is made again for a pod that still waits for it.
      watchFor(claimInformer, (claim, { current }) =>
        current === undefined ? podInformer.byIndex('ephemeralClaim', keyOf(claim)).map(keyOf) : [],
      ),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const pod = podInformer.get(key);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) return;
      for (const volume of pod.spec.volumes ?? []) {
        const claim = ephemeralClaim(pod, volume);
        if (claim === undefined) continue;
        const known = claimInformer.get(`${pod.metadata.namespace}/${claim.metadata.name}`);
        if (known && !known.metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid)) {
          recorder.record(
            pod,
            'Warning',
            'FailedBinding',
            `ephemeral volume ${volume.name}: PVC ${key}-${volume.name} was not created for the pod`,
          );
        }
        if (known) continue;
        await client
          .resource(persistentVolumeClaims, pod.metadata.namespace)
          .create(claim, { signal })
          .catch((error: unknown) => {
            if (!isApiError(error, 'AlreadyExists')) throw error;
          });
      }
    },
  });
}
