// Bringing an object back as it was at a past moment: a forward change like any other, tried as a dry run first.
// What others changed since in fields that were the same then stays as it is.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { isApiError } from '../../../api/meta/status.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { authored, mergePatchBetween } from '../changes/undo.ts';
import { ServiceError } from '../errors.ts';
import { resourceOf } from '../resources.ts';

/** Kinds whose state is somebody's report or a secret that the record does not hold. */
const kept = new Set([
  'Secret',
  'Node',
  'Event',
  'Lease',
  'Endpoints',
  'EndpointSlice',
  'CSINode',
  'ControllerRevision',
]);

type Json = Readonly<Record<string, unknown>>;

/** Whether a person could have written this object, so that bringing it back makes sense. */
export function isRestorable({ kind, metadata }: KubernetesObject): boolean {
  return !kept.has(kind) && (metadata.ownerReferences ?? []).every(({ controller }) => controller !== true);
}

/** Brings `past` back, or with `dryRun` only tries; answers the object before and after. */
export async function restoreObject(
  client: RestClient,
  past: KubernetesObject,
  dryRun: boolean,
): Promise<{ before?: KubernetesObject; after: KubernetesObject }> {
  const { kind, metadata } = past;
  if (!isRestorable(past))
    throw new ServiceError(
      'NotSupported',
      `${kind} ${metadata.name} is kept by the cluster itself and cannot be brought back.`,
    );
  const objects = client.resource(await resourceOf(client, past), metadata.namespace);
  const before = await objects.get(metadata.name).catch((error: unknown) => {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  });
  const wanted = authored(past);
  if (before === undefined) return { after: await objects.create(wanted, { dryRun }) };
  const body = mergePatchBetween(authored(before) as unknown as Json, wanted as unknown as Json);
  return { before, after: await objects.patch(metadata.name, { type: 'merge', body }, { dryRun }) };
}
