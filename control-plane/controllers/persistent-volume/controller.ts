// Binds claims to volumes, makes volumes of the local-path class, and keeps both from vanishing while they are in use.
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/kinds/core/index.ts';
import type { ControllerContext } from '../context.ts';
import { nodes, persistentVolumeClaims, persistentVolumes, pods } from '../../../api/kinds/core/index.ts';
import { storageClasses } from '../../../api/kinds/storage/index.ts';
import { keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import { isFinished } from '../pod-state.ts';
import { localPathClass, localPathVolume } from './local-path.ts';
import {
  boundAnnotation,
  claimFinalizer,
  completedAnnotation,
  lateClass,
  planClaim,
  planVolume,
  volumeFinalizer,
} from './plan.ts';

function claimsOfPod(pod: Readonly<Pod>): string[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral ? `${pod.metadata.name}-${name}` : undefined);
    return claim ? [`${pod.metadata.namespace}/${claim}`] : [];
  });
}

/** Runs both loops until the context's signal aborts. */
export async function runPersistentVolumeController(context: ControllerContext): Promise<void> {
  await Promise.all([runClaims(context), runVolumes(context), makeDefaultClass(context)]);
}

/** The class is made when the cluster has none at all, and then left to its administrator. */
async function makeDefaultClass({ client, informers, signal, logger }: ControllerContext): Promise<void> {
  const informer = informers.of(storageClasses);
  try {
    await informer.whenSynced(signal);
    if (informer.size === 0) await client.resource(storageClasses).create(localPathClass, { signal });
  } catch (err) {
    if (!signal.aborted && !isApiError(err, 'AlreadyExists'))
      logger.warn({ err }, 'making the default storage class failed');
  }
}

function runClaims(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const claimInformer = informers.of(persistentVolumeClaims);
  const volumeInformer = informers.of(persistentVolumes);
  const classInformer = informers.of(storageClasses);
  const nodeInformer = informers.of(nodes);
  const podInformer = informers.of(pods, { claim: claimsOfPod });
  const recorder = context.recorder('persistentvolume-controller');

  /** Volume first, then claim: killed in between, the volume is already kept for this claim. */
  const bind = async (claim: Readonly<PersistentVolumeClaim>, volume: Readonly<PersistentVolume>): Promise<void> => {
    const { namespace, name, uid, resourceVersion } = claim.metadata;
    const volumeApi = client.resource(persistentVolumes);
    const claimApi = client.resource(persistentVolumeClaims, namespace);
    let bound: Readonly<PersistentVolume> = volume;
    if (volume.spec?.claimRef?.uid !== uid) {
      const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
      const annotations = volume.spec?.claimRef
        ? volume.metadata.annotations
        : { ...volume.metadata.annotations, [boundAnnotation]: 'yes' };
      bound = await volumeApi.update(
        { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } },
        { signal },
      );
    }
    if (bound.status?.phase !== 'Bound')
      await volumeApi.updateStatus({ ...bound, status: { ...bound.status, phase: 'Bound' } }, { signal });
    let mine = claim;
    if (claim.spec?.volumeName !== volume.metadata.name || !claim.metadata.annotations?.[completedAnnotation]) {
      const annotations = {
        ...claim.metadata.annotations,
        [completedAnnotation]: 'yes',
        ...(claim.spec?.volumeName ? {} : { [boundAnnotation]: 'yes' }),
      };
      mine = await claimApi.update(
        {
          ...claim,
          metadata: { ...claim.metadata, annotations },
          spec: { ...claim.spec, volumeName: volume.metadata.name },
        },
        { signal },
      );
    }
    const { accessModes, capacity } = volume.spec ?? {};
    if (mine.status?.phase !== 'Bound')
      await claimApi.updateStatus(
        { ...mine, status: { ...mine.status, phase: 'Bound', accessModes, capacity } },
        { signal },
      );
  };
  const provision = async (claim: Readonly<PersistentVolumeClaim>, nodeName: string | undefined): Promise<void> => {
    const storageClass = classInformer.get(claim.spec?.storageClassName ?? '');
    // A class that binds at once leaves the choice to us: any node will do.
    const node =
      nodeName ??
      nodeInformer
        .list()
        .map(({ metadata }) => metadata.name)
        .sort()[0];
    if (storageClass === undefined || node === undefined) return;
    const hostname = nodeInformer.get(node)?.metadata.labels?.['kubernetes.io/hostname'] ?? node;
    try {
      const volume = await client
        .resource(persistentVolumes)
        .create(localPathVolume(claim, storageClass, hostname), { signal });
      recorder.record(
        claim,
        'Normal',
        'ProvisioningSucceeded',
        `Successfully provisioned volume ${volume.metadata.name}`,
      );
      await bind(claim, volume);
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  };
  /** A deleted claim goes when no pod uses it any more. */
  const letGo = async (claim: Readonly<PersistentVolumeClaim>): Promise<void> => {
    if (!claim.metadata.finalizers?.includes(claimFinalizer)) return;
    const uses = (pod: Readonly<Pod>): boolean => !!pod.spec.nodeName && !isFinished(pod);
    if (podInformer.byIndex('claim', keyOf(claim)).some(uses)) return;
    // What is let go is lost: the cache may not know yet of a pod that was bound just now.
    const { items } = await client.resource(pods, claim.metadata.namespace).list({ signal });
    if (items.some((pod) => uses(pod) && claimsOfPod(pod).includes(keyOf(claim)))) return;
    const finalizers = claim.metadata.finalizers.filter((one) => one !== claimFinalizer);
    await client
      .resource(persistentVolumeClaims, claim.metadata.namespace)
      .update({ ...claim, metadata: { ...claim.metadata, finalizers } }, { signal });
  };
  const protect = async (claim: Readonly<PersistentVolumeClaim>): Promise<Readonly<PersistentVolumeClaim>> => {
    if (claim.metadata.finalizers?.includes(claimFinalizer)) return claim;
    const finalizers = [...(claim.metadata.finalizers ?? []), claimFinalizer];
    return client
      .resource(persistentVolumeClaims, claim.metadata.namespace)
      .update({ ...claim, metadata: { ...claim.metadata, finalizers } }, { signal });
  };
  /** A default class that came later serves the claims that waited for one. */
  const classify = async (claim: Readonly<PersistentVolumeClaim>): Promise<Readonly<PersistentVolumeClaim>> => {
    const storageClassName = lateClass(claim, classInformer.list());
    if (storageClassName === undefined) return claim;
    return client
      .resource(persistentVolumeClaims, claim.metadata.namespace)
      .update({ ...claim, spec: { ...claim.spec, storageClassName } }, { signal });
  };
  const waitingClaims = (): string[] =>
    claimInformer
      .list()
      .filter(({ status }) => status?.phase !== 'Bound')
      .map(keyOf);

  return runController({
    name: 'persistentvolumeclaim',
    sources: [
      watchFor(claimInformer),
      watchFor(podInformer, claimsOfPod),
      watchFor(volumeInformer, (volume) => {
        const ref = volume.spec?.claimRef;
        return ref?.name ? [`${ref.namespace}/${ref.name}`] : waitingClaims();
      }),
      watchFor(classInformer, waitingClaims),
    ],
    // One at a time: two claims must not be promised one volume.
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const found = claimInformer.get(key);
      if (found === undefined) return;
      if (found.metadata.deletionTimestamp !== undefined) return letGo(found);
      const claim = await classify(await protect(found));
      const plan = planClaim(claim, volumeInformer.list(), classInformer.get(claim.spec?.storageClassName ?? ''));
      if (plan.do === 'bind') await bind(claim, plan.volume);
      else if (plan.do === 'provision') await provision(claim, plan.node);
      else if (plan.do === 'wait')
        recorder.record(
          claim,
          plan.reason === 'WaitForFirstConsumer' || plan.reason === 'ExternalProvisioning' ? 'Normal' : 'Warning',
          plan.reason,
          plan.message,
        );
      else if (plan.do === 'lost' && claim.status?.phase !== 'Lost') {
        await client
          .resource(persistentVolumeClaims, claim.metadata.namespace)
          .updateStatus({ ...claim, status: { ...claim.status, phase: 'Lost' } }, { signal });
        recorder.record(
          claim,
          'Warning',
          'ClaimLost',
          'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
        );
      }
    },
  });
}

function runVolumes(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const claimInformer = informers.of(persistentVolumeClaims);
  const volumeInformer = informers.of(persistentVolumes, {
    claim: ({ spec }) => (spec?.claimRef?.name ? [`${spec.claimRef.namespace}/${spec.claimRef.name}`] : []),
  });
  const api = client.resource(persistentVolumes);

  const claimOf = (volume: Readonly<PersistentVolume>): Readonly<PersistentVolumeClaim> | undefined => {
    const ref = volume.spec?.claimRef;
    const claim = ref ? claimInformer.get(`${ref.namespace}/${ref.name}`) : undefined;
    return claim && claim.metadata.uid === ref?.uid ? claim : undefined;
  };

  return runController({
    name: 'persistentvolume',
    sources: [
      watchFor(volumeInformer),
      watchFor(claimInformer, (claim) => volumeInformer.byIndex('claim', keyOf(claim)).map(keyOf)),
    ],
    workers: 1,
    clock,
    logger,
    signal,
    async reconcile(name) {
      const found = volumeInformer.get(name);
      if (found === undefined) return;
      const claim = claimOf(found);
      const finalizers = found.metadata.finalizers ?? [];
      if (found.metadata.deletionTimestamp !== undefined) {
        if (claim || !finalizers.includes(volumeFinalizer)) return;
        await api.update(
          {
            ...found,
            metadata: { ...found.metadata, finalizers: finalizers.filter((one) => one !== volumeFinalizer) },
          },
          { signal },
        );
        return;
      }
      const volume = finalizers.includes(volumeFinalizer)
        ? found
        : await api.update(
            { ...found, metadata: { ...found.metadata, finalizers: [...finalizers, volumeFinalizer] } },
            { signal },
          );
      const plan = planVolume(volume, claim);
      if (plan.do === 'phase')
        await api.updateStatus(
          { ...volume, status: { ...volume.status, phase: plan.phase, message: plan.message } },
          { signal },
        );
      else if (plan.do === 'delete') await api.delete(name, { preconditions: { uid: volume.metadata.uid }, signal });
    },
  });
}
