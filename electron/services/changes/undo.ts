// Taking a change back: a new, forward change that brings the object to what it was before.
// What others changed since in other fields stays: an update is undone as a merge patch of just the fields it touched.
import type { Draft, KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { resourceOf } from '../resources.ts';
import { ServiceError } from '../errors.ts';
import type { Change } from './change-log.ts';

type Json = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The RFC 7396 merge patch that turns `from` into `to`. */
export function mergePatchBetween(from: Json, to: Json): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [old, next] = [from[key], to[key]];
    if (JSON.stringify(old) === JSON.stringify(next)) continue;
    if (next === undefined) patch[key] = null;
    else if (isRecord(old) && isRecord(next)) patch[key] = mergePatchBetween(old, next);
    else patch[key] = next;
  }
  return patch;
}

const serverKept = ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields', 'selfLink'] as const;
const controllerKept = ['deployment.kubernetes.io/revision'];

/** An object without what the server and controllers decide: what a person could have written. */
export function authored(object: KubernetesObject): Draft<KubernetesObject> {
  const { status: _status, ...rest } = object as KubernetesObject & { status?: unknown };
  const metadata: Record<string, unknown> = { ...rest.metadata };
  for (const key of [...serverKept, 'deletionTimestamp', 'deletionGracePeriodSeconds', 'ownerReferences'])
    delete metadata[key];
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(
    ([key]) => !controllerKept.includes(key),
  );
  if (annotations.length > 0) metadata['annotations'] = Object.fromEntries(annotations);
  else delete metadata['annotations'];
  return { ...rest, metadata } as unknown as Draft<KubernetesObject>;
}

/** Takes a change back, or with `dryRun` only tries; answers the object before and after. */
export async function undoChange(
  client: RestClient,
  change: Change,
  dryRun: boolean,
): Promise<{ before?: KubernetesObject; after?: KubernetesObject }> {
  const { namespace, name } = change.object;
  const objects = client.resource(await resourceOf(client, change.object), namespace);
  if (change.action === 'delete') {
    if (change.before === undefined) throw new ServiceError('NotSupported', 'What was deleted is not kept here.');
    const draft = authored(change.before);
    if (change.object.kind === 'Namespace') delete (draft as { spec?: unknown }).spec; // the server's own finalizers
    return { after: await objects.create(draft, { dryRun }) };
  }
  const current = await objects.get(name);
  if (change.action === 'create') {
    if (change.after !== undefined && current.metadata.uid !== change.after.metadata.uid) {
      throw new ServiceError('Conflict', `${change.object.kind} ${name} is another object by now.`);
    }
    await objects.delete(name, {
      dryRun,
      propagationPolicy: 'Background',
      preconditions: { uid: current.metadata.uid },
    });
    return { before: current };
  }
  if (change.before === undefined || change.after === undefined) {
    throw new ServiceError('NotSupported', 'What it was before is not kept here.');
  }
  const body = mergePatchBetween(authored(change.after) as unknown as Json, authored(change.before) as unknown as Json);
  return { before: current, after: await objects.patch(name, { type: 'merge', body }, { dryRun }) };
}
