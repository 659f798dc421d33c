// The one loop by which stored objects change: read, let the caller make the next version, admit, validate, write;
// read again and retry when somebody else was faster and the caller did not insist on a version.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { conflict, notFound } from '../../../api/meta/status.ts';
import type { StoredObject } from '../../store/contract.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { ServerParts } from '../parts.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { admitting } from './admit.ts';
import { fromStore, modifiedMeanwhile } from './errors.ts';
import { carryMetadata, setNamespace } from './metadata.ts';
import { trackChange, writerOf } from './managers.ts';
import { storageKey } from './reader.ts';
import type { ResourceRequest } from './resource-request.ts';
import { restoreForSubresource } from './subresource-scope.ts';
import { validateUpdate } from './validate.ts';

const attempts = 6;
/** Writes that are no wish of a user about the object: they do not count its generation. */
const outsideDesire = new Set(['status', 'binding']);

/** One change of one object. */
export interface Change {
  readonly dryRun: boolean;
  /** Which part may change: '' the main resource, 'status', 'scale', … */
  readonly subresource: string;
  /** Makes the next version from the current one, which it owns. May be called again after a conflict. */
  next(current: KubernetesObject, stored: StoredObject): KubernetesObject | Promise<KubernetesObject>;
  /** Who writes, where ownership of fields is to be kept up; an apply says so itself. */
  readonly manager?: string;
  /** For system writes (scale, binding): leave admission out. */
  readonly skipsAdmission?: boolean;
}

/** The outcome: what is stored now, or in a dry run what would be; `removed` when the last finalizer went. */
export interface Changed {
  readonly stored: StoredObject | undefined;
  readonly object: KubernetesObject | undefined;
  readonly removed: boolean;
}

/** Changes the request's object. */
export async function changeObject(parts: ServerParts, request: ResourceRequest, change: Change): Promise<Changed> {
  const { definition, info } = request;
  const key = storageKey(definition, info.namespace, info.name);
  let stored = await parts.store.get(key, { consistency: 'cache' });
  // Absent or contested: the cache may be behind, so the second look is at the truth.
  stored ??= await parts.store.get(key, { consistency: 'latest' });
  for (let attempt = 1; ; attempt++) {
    if (stored === undefined) throw notFound(definition, info.name);
    const basedOn: StoredObject = stored;
    try {
      return await attemptChange(parts, request, change, basedOn, key);
    } catch (error) {
      if (!isStoreError(error, 'Conflict') || attempt === attempts) throw fromStore(error, definition, info.name);
      stored = error.current ?? (await parts.store.get(key, { consistency: 'latest' }));
      if (stored?.revision === basedOn.revision) stored = await parts.store.get(key, { consistency: 'latest' });
    }
  }
}

async function attemptChange(
  parts: ServerParts,
  request: ResourceRequest,
  change: Change,
  stored: StoredObject,
  key: string,
): Promise<Changed> {
  const { definition, info } = request;
  const previous = stored.peek();
  const next = await change.next(stored.parse(), stored);
  // A stale cache must not turn a correct precondition into a conflict: let the loop read again first.
  const wanted = next.metadata.resourceVersion;
  if (wanted && wanted !== String(stored.revision))
    await refuseStale(parts, definition, info.name, key, stored, wanted);
  if (next.metadata.uid && next.metadata.uid !== previous.metadata.uid) {
    throw conflict(
      definition,
      info.name,
      `Precondition failed: UID in precondition: ${next.metadata.uid}, UID in object meta: ${previous.metadata.uid}`,
    );
  }
  if (next.metadata.namespace !== undefined || definition.namespaced)
    setNamespace(definition, next.metadata, info.namespace);
  restoreForSubresource(definition, next, previous, change.subresource);
  const admit = admitting(request, {
    operation: 'UPDATE',
    object: next,
    previous,
    name: info.name,
    dryRun: change.dryRun,
  });
  try {
    if (change.skipsAdmission !== true) await parts.admission.mutate(admit.request);
    carryMetadata(definition, next, previous, !outsideDesire.has(change.subresource));
    validateUpdate(definition, next, previous, change.subresource);
    if (change.skipsAdmission !== true) await parts.admission.validate(admit.request);
    const writer = writerOf(definition, change.manager ?? '', change.subresource, parts.clock.now());
    const tracked = change.manager === undefined ? next : trackChange(definition, previous, next, writer);
    if (change.dryRun) {
      tracked.metadata.resourceVersion = previous.metadata.resourceVersion;
      return { stored: undefined, object: tracked, removed: false };
    }
    const changed = await write(parts, definition, key, tracked, previous, stored);
    admit.landed();
    return changed;
  } catch (error) {
    admit.undo();
    throw error;
  }
}

async function refuseStale(
  parts: ServerParts,
  definition: ResourceDefinition,
  name: string,
  key: string,
  stored: StoredObject,
  wanted: string,
): Promise<void> {
  const latest = await parts.store.get(key, { consistency: 'latest' });
  if (latest === undefined) throw notFound(definition, name);
  if (String(latest.revision) !== wanted) throw conflict(definition, name, modifiedMeanwhile);
  if (latest.revision !== stored.revision)
    throw new StoreError('Conflict', 'the cache was behind', { current: latest });
}

/** Stores the next version; an object being deleted goes with its last finalizer. */
async function write(
  parts: ServerParts,
  definition: ResourceDefinition,
  key: string,
  next: KubernetesObject,
  previous: Readonly<KubernetesObject>,
  stored: StoredObject,
): Promise<Changed> {
  if (isFinished(definition, next, previous)) {
    const removed = await parts.store.delete(key, stored.revision);
    parts.admission.removed(definition, previous);
    return { stored: removed, object: undefined, removed: true };
  }
  return { stored: await parts.store.update(key, next, stored.revision), object: undefined, removed: false };
}

/** Whether this update takes the last thing that held a deleted object back. */
function isFinished(
  definition: ResourceDefinition,
  next: KubernetesObject,
  previous: Readonly<KubernetesObject>,
): boolean {
  if (next.metadata.deletionTimestamp === undefined || next.metadata.deletionGracePeriodSeconds !== 0) return false;
  if ((next.metadata.finalizers ?? []).length > 0) return false;
  if (definition.group === '' && definition.plural === 'namespaces') {
    const finalizers = (next as { spec?: { finalizers?: string[] } }).spec?.finalizers ?? [];
    return finalizers.length === 0;
  }
  return (previous.metadata.finalizers ?? []).length > 0;
}
