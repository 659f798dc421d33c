// Answers DELETE of one object: grace for pods, finalizers, propagation policies, preconditions.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { conflict, notFound, success, type Status } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import type { StoredObject } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';
import { answerObject, formOf } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import { admitting } from './admit.ts';
import { finalizersFor, gracePeriodOf, parseDeleteOptions, type DeleteOptions } from './delete-options.ts';
import { fromStore } from './errors.ts';
import { answerStored } from './get.ts';
import { storageKey } from './reader.ts';
import type { ResourceRequest, WriteContext } from './resource-request.ts';

const attempts = 8;

/** What became of an object: gone, or marked and waiting for its finalizers or its node. */
export interface Deleted {
  readonly stored: StoredObject;
  readonly isGone: boolean;
}

/** Serves DELETE of one object. */
export async function serveDelete(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition, info } = request;
  const options = parseDeleteOptions(
    await readBody(exchange.request),
    exchange.headers['content-type'],
    exchange.query,
  );
  const { stored, isGone } = await deleteObject(parts, request, info.name, options);
  if (!isGone || definition.plural === 'pods') return answerStored(parts, request, 200, stored);
  answerObject(exchange, 200, removed(request, stored), formOf(exchange));
}

function removed(request: ResourceRequest, stored: StoredObject): Status {
  const { group, plural } = request.definition;
  const { name, uid } = stored.peek().metadata;
  return success(group === '' ? { name, kind: plural, uid } : { name, group, kind: plural, uid });
}

/** Deletes, or marks for deletion, one object. */
export async function deleteObject(
  parts: ServerParts,
  request: WriteContext,
  name: string,
  options: DeleteOptions,
  known?: StoredObject,
): Promise<Deleted> {
  const { definition, info } = request;
  const key = known?.key ?? storageKey(definition, info.namespace, name);
  let stored = known ?? (await parts.store.get(key));
  for (let attempt = 1; ; attempt++) {
    if (stored === undefined) throw notFound(definition, name);
    const current: StoredObject = stored;
    checkPreconditions(request, current, options);
    const admit = admitting(request, {
      operation: 'DELETE',
      object: undefined,
      previous: current.peek(),
      name,
      dryRun: options.dryRun,
    });
    try {
      if (attempt === 1) {
        await parts.admission.mutate(admit.request);
        await parts.admission.validate(admit.request);
      }
      return await attemptDelete(parts, request, key, current, options);
    } catch (error) {
      admit.undo();
      if (!isStoreError(error, 'Conflict') || attempt === attempts) throw fromStore(error, definition, name);
      stored = await parts.store.get(key);
    }
  }
}

function checkPreconditions(request: WriteContext, stored: StoredObject, options: DeleteOptions): void {
  const { uid, name } = stored.peek().metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      request.definition,
      name,
      `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${uid}`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== String(stored.revision)) {
    throw conflict(
      request.definition,
      name,
      `Precondition failed: ResourceVersion in precondition: ${options.resourceVersion}, ResourceVersion in object meta: ${stored.revision}`,
    );
  }
}

async function attemptDelete(
  parts: ServerParts,
  request: WriteContext,
  key: string,
  stored: StoredObject,
  options: DeleteOptions,
): Promise<Deleted> {
  const { definition } = request;
  const marked = markDeleted(parts, request, stored, options);
  if (marked === undefined) {
    if (options.dryRun) return { stored, isGone: true };
    const removed = await parts.store.delete(key, stored.revision);
    parts.admission.removed(definition, stored.peek());
    return { stored: removed, isGone: true };
  }
  if (marked === 'unchanged' || options.dryRun) return { stored, isGone: false };
  definition.prepareForUpdate?.(marked, stored.peek());
  return { stored: await parts.store.update(key, marked, stored.revision), isGone: false };
}

/** The object as it waits for its end; `unchanged` when it already does; undefined when nothing holds it. */
function markDeleted(
  parts: ServerParts,
  request: WriteContext,
  stored: StoredObject,
  options: DeleteOptions,
): KubernetesObject | 'unchanged' | undefined {
  const { definition } = request;
  const previous = stored.peek();
  const grace = gracePeriodOf(definition, previous, options.gracePeriodSeconds);
  const isPending = previous.metadata.deletionTimestamp !== undefined;
  const finalizers = finalizersFor(definition, previous.metadata, options.propagationPolicy);
  const isHeld = finalizers.length > 0 || isHeldNamespace(request, previous);
  if (!isHeld && (grace === undefined || grace === 0)) return undefined;
  const remaining = previous.metadata.deletionGracePeriodSeconds ?? Infinity;
  const seconds = grace ?? 0;
  // A deletion can only be brought forward.
  const isSooner = isPending && seconds < remaining;
  const sameFinalizers = finalizers.join() === (previous.metadata.finalizers ?? []).join();
  if (isPending && !isSooner && sameFinalizers) return 'unchanged';
  const next = stored.parse();
  if (!isPending || isSooner) {
    next.metadata.deletionTimestamp = formatTime(parts.clock.now() + seconds * 1000);
    next.metadata.deletionGracePeriodSeconds = seconds;
    if (next.metadata.generation !== undefined && next.metadata.generation > 0) next.metadata.generation++;
  }
  if (finalizers.length > 0) next.metadata.finalizers = finalizers;
  else delete next.metadata.finalizers;
  if (isNamespace(request))
    (next as { status?: object }).status = { ...(next as { status?: object }).status, phase: 'Terminating' };
  return next;
}

function isNamespace(request: WriteContext): boolean {
  return request.definition.group === '' && request.definition.plural === 'namespaces';
}

function isHeldNamespace(request: WriteContext, object: Readonly<KubernetesObject>): boolean {
  if (!isNamespace(request)) return false;
  return ((object as { spec?: { finalizers?: string[] } }).spec?.finalizers ?? []).length > 0;
}
