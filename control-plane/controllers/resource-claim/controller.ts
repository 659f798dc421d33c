// Makes ResourceClaims for pods from templates, reserves allocated ones for pods that were bound without the scheduler,
// and frees what nobody uses any more. A claim's devices are freed before its finalizer goes, so none is given twice.
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { ResourceClaim } from '../../../api/kinds/resource/index.ts';
import type { ControllerContext } from '../context.ts';
import { pods } from '../../../api/kinds/core/index.ts';
import { resourceClaims, resourceClaimTemplates } from '../../../api/kinds/resource/index.ts';
import { controllerOf, keyOf } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import { runController, watchFor } from '../../../machinery/controller.ts';
import {
  canBeReserved,
  claimFinalizer,
  consumerOf,
  isMadeFor,
  isReservedFor,
  podClaimAnnotation,
  podClaimsOf,
} from '../../scheduler/dynamic-resources/pod-claims.ts';
import { createExpectations } from '../expectations.ts';
import { claimFromTemplate, planCleanup } from './plan.ts';

/** Runs both loops until the context's signal aborts. */
export async function runResourceClaimController(context: ControllerContext): Promise<void> {
  await Promise.all([runPods(context), runClaims(context)]);
}

const claimKeys = (pod: Readonly<Pod>): string[] =>
  podClaimsOf(pod).flatMap(({ claimName }) => (claimName ? [`${pod.metadata.namespace}/${claimName}`] : []));
const templateKeys = (pod: Readonly<Pod>): string[] =>
  podClaimsOf(pod).flatMap(({ templateName }) => (templateName ? [`${pod.metadata.namespace}/${templateName}`] : []));

function runPods(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const podInformer = informers.of(pods, { resourceClaim: claimKeys, resourceClaimTemplate: templateKeys });
  const claimInformer = informers.of(resourceClaims, {
    pod: (claim) => {
      const owner = controllerOf(claim);
      return owner?.kind === 'Pod' ? [owner.uid] : [];
    },
  });
  const templateInformer = informers.of(resourceClaimTemplates);
  const expectations = createExpectations(claimInformer);
  const recorder = context.recorder('resource_claim');

  /** The claim of a pod's own name: one that is there already, or a new one. */
  const provide = async (pod: Readonly<Pod>, name: string, templateName: string): Promise<string> => {
    const made = claimInformer
      .byIndex('pod', pod.metadata.uid)
      .find((claim) => claim.metadata.annotations?.[podClaimAnnotation] === name && !claim.metadata.deletionTimestamp);
    if (made) return made.metadata.name;
    const template = templateInformer.get(`${pod.metadata.namespace}/${templateName}`);
    if (template === undefined) throw new Error(`resource claim template "${templateName}": not found`);
    const draft = claimFromTemplate(pod, name, template);
    const claim = await client.resource(resourceClaims, pod.metadata.namespace).create(draft, { signal });
    expectations.wrote(keyOf(pod), claim);
    return claim.metadata.name;
  };
  const provideAll = async (pod: Readonly<Pod>): Promise<Readonly<Pod>> => {
    const statuses = [...(pod.status?.resourceClaimStatuses ?? [])];
    for (const { name, claimName, templateName } of podClaimsOf(pod)) {
      if (templateName === undefined) continue;
      const present = claimName ? claimInformer.get(`${pod.metadata.namespace}/${claimName}`) : undefined;
      if (present && isMadeFor(pod, present)) continue;
      const resourceClaimName = await provide(pod, name, templateName);
      const at = statuses.findIndex((status) => status.name === name);
      if (at === -1) statuses.push({ name, resourceClaimName });
      else statuses[at] = { name, resourceClaimName };
    }
    if (JSON.stringify(statuses) === JSON.stringify(pod.status?.resourceClaimStatuses ?? [])) return pod;
    const body = { metadata: { uid: pod.metadata.uid }, status: { resourceClaimStatuses: statuses } };
    return client
      .resource(pods, pod.metadata.namespace)
      .patch(pod.metadata.name, { type: 'strategic', body }, { subresource: 'status', signal });
  };
  /** The scheduler reserves what it places; a pod that names its node by itself is helped here. */
  const reserve = async (pod: Readonly<Pod>): Promise<void> => {
    for (const key of claimKeys(pod)) {
      const claim = claimInformer.get(key);
      if (!claim?.status?.allocation || isReservedFor(pod, claim) || !canBeReserved(claim)) continue;
      const status = { ...claim.status, reservedFor: [...(claim.status.reservedFor ?? []), consumerOf(pod)] };
      await client.resource(resourceClaims, pod.metadata.namespace).updateStatus({ ...claim, status }, { signal });
    }
  };

  return runController({
    name: 'resource-claim-pods',
    sources: [
      watchFor(podInformer, (pod) => (pod.spec.resourceClaims?.length ? [keyOf(pod)] : [])),
      watchFor(templateInformer, (template) =>
        podInformer.byIndex('resourceClaimTemplate', keyOf(template)).map(keyOf),
      ),
      watchFor(claimInformer, (claim) => podInformer.byIndex('resourceClaim', keyOf(claim)).map(keyOf)),
    ],
    workers: 4,
    clock,
    logger,
    signal,
    async reconcile(key) {
      const pod = podInformer.get(key);
      if (pod === undefined) return expectations.forget(key);
      if (pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Succeeded') return;
      if (!expectations.areMet(key)) return { requeueAfterMs: 500 };
      try {
        const provided = await provideAll(pod);
        if (provided.spec.nodeName && provided.status?.phase !== 'Failed') await reserve(provided);
      } catch (error) {
        if (!signal.aborted && !isApiError(error, 'Conflict') && !isApiError(error, 'NotFound'))
          recorder.record(pod, 'Warning', 'FailedResourceClaimCreation', (error as Error).message);
        throw error;
      }
      return;
    },
  });
}

function runClaims(context: ControllerContext): Promise<void> {
  const { client, informers, clock, signal, logger } = context;
  const podInformer = informers.of(pods, { resourceClaim: claimKeys });
  const claimInformer = informers.of(resourceClaims);

  /** A pod that this cache lacks may only be late: only the server's word makes it gone. */
  const lookUp = async (claim: Readonly<ResourceClaim>): Promise<Map<string, Readonly<Pod>>> => {
    const found = new Map<string, Readonly<Pod>>();
    const api = client.resource(pods, claim.metadata.namespace);
    for (const { apiGroup, resource, name } of claim.status?.reservedFor ?? []) {
      if (apiGroup || resource !== 'pods') continue;
      const pod =
        podInformer.get(`${claim.metadata.namespace}/${name}`) ??
        (await api.get(name, { signal }).catch((error: unknown) => {
          if (isApiError(error, 'NotFound')) return undefined;
          throw error;
        }));
      if (pod) found.set(name, pod);
    }
    const owner = controllerOf(claim);
    const owning = owner?.kind === 'Pod' ? podInformer.get(`${claim.metadata.namespace}/${owner.name}`) : undefined;
    if (owning) found.set(owning.metadata.name, owning);
    return found;
  };

  return runController({
    name: 'resource-claim',
    sources: [
      watchFor(claimInformer),
      watchFor(podInformer, (pod, { current }) =>
        current === undefined || current.metadata.deletionTimestamp || current.status?.phase !== 'Running'
          ? claimKeys(pod)
          : [],
      ),
    ],
    workers: 2,
    clock,
    logger,
    signal,
    async reconcile(key) {
      let claim = claimInformer.get(key);
      if (claim === undefined) return;
      const users = await lookUp(claim);
      const { reservedFor, deallocate, remove } = planCleanup(claim, (name) => users.get(name));
      const api = client.resource(resourceClaims, claim.metadata.namespace);
      if (reservedFor || (deallocate && claim.status?.allocation)) {
        const { allocation, ...status } = claim.status ?? {};
        const next = { ...status, reservedFor: reservedFor ?? [], ...(deallocate ? {} : { allocation }) };
        claim = await api.updateStatus({ ...claim, status: next }, { signal });
      }
      if (deallocate && claim.metadata.finalizers?.includes(claimFinalizer)) {
        const finalizers = claim.metadata.finalizers.filter((one) => one !== claimFinalizer);
        claim = await api.update({ ...claim, metadata: { ...claim.metadata, finalizers } }, { signal });
      }
      if (!remove) return;
      const { name, uid } = claim.metadata;
      await api.delete(name, { preconditions: { uid }, signal }).catch((error: unknown) => {
        if (!isApiError(error, 'NotFound')) throw error;
      });
    },
  });
}
