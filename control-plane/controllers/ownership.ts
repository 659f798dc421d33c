// Who controls what: indexes to find an owner's objects, and the rules of adopting orphans and releasing strays
// (upstream's ControllerRefManager). An owner only ever touches objects that it controls or that nobody does.
import type { LabelSelector } from '../../api/kinds/meta/index.ts';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { Change, IndexFunction, ObjectReader } from '../../machinery/informer.ts';
import type { ResourceClient } from '../../machinery/rest-client.ts';
import { controllerOf, keyOf } from '../../api/meta/object-meta.ts';
import { matchesLabelSelector } from '../../api/meta/selectors.ts';
import { isApiError } from '../../api/meta/status.ts';
import { controllerRefOf } from './pod-template.ts';

/** Indexes for informers of owned resources: by controller's uid, and orphans by namespace. */
export const ownerIndexes: Readonly<Record<'controller' | 'orphan', IndexFunction<KubernetesObject>>> = {
  controller: (object) => {
    const owner = controllerOf(object);
    return owner ? [owner.uid] : [];
  },
  orphan: (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? '']),
};

/**
 * For watching owned objects: the key of the controlling owner of a kind; for an orphan, of every owner that may adopt
 * it. The selector is the owner's `spec.selector` unless `selectorOf` says otherwise.
 */
export function keysOfOwned<O extends KubernetesObject>(
  kind: string,
  owners: ObjectReader<O>,
  selectorOf: (owner: Readonly<O>) => Readonly<LabelSelector> | undefined = (owner) =>
    (owner as { spec?: { selector?: LabelSelector } }).spec?.selector,
): (object: Readonly<KubernetesObject>, change?: Change<KubernetesObject>) => string[] {
  return ({ metadata }) => {
    const owner = controllerOf({ metadata });
    if (owner) return owner.kind === kind ? [`${metadata.namespace}/${owner.name}`] : [];
    if (metadata.deletionTimestamp !== undefined) return [];
    const mayAdopt = (one: Readonly<O>): boolean => {
      const selector = selectorOf(one);
      return selector !== undefined && matchesLabelSelector(selector, metadata.labels ?? {});
    };
    return owners.list(metadata.namespace).filter(mayAdopt).map(keyOf);
  };
}

export interface Claims<T> {
  /** Controlled already, or about to be. */
  mine: Readonly<T>[];
  adopt: Readonly<T>[];
  release: Readonly<T>[];
}

/**
 * Decides which objects an owner has: those it controls and its selector matches, and matching orphans. One on its way
 * out neither adopts nor is adopted; what it controls but no longer matches is released.
 */
export function planClaims<T extends KubernetesObject>(
  owner: Readonly<KubernetesObject>,
  selector: Readonly<LabelSelector> | undefined,
  objects: ObjectReader<T>,
): Claims<T> {
  const claims: Claims<T> = { mine: [], adopt: [], release: [] };
  const isLeaving = owner.metadata.deletionTimestamp !== undefined;
  for (const object of objects.byIndex('controller', owner.metadata.uid)) {
    if (matchesLabelSelector(selector, object.metadata.labels ?? {})) claims.mine.push(object);
    else if (!isLeaving && object.metadata.deletionTimestamp === undefined) claims.release.push(object);
  }
  if (isLeaving) return claims;
  for (const object of objects.byIndex('orphan', owner.metadata.namespace ?? '')) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    if (matchesLabelSelector(selector, object.metadata.labels ?? {})) claims.adopt.push(object);
  }
  return claims;
}

/**
 * Carries claims out and returns what the owner has. Adopting first makes sure that the owner is still there and the
 * same; an object that vanished meanwhile is left out. What is released loses the owner's `finalizer` in the same write:
 * nobody else would ever take it off.
 */
export async function syncClaims<O extends KubernetesObject, T extends KubernetesObject>(
  owner: Readonly<O>,
  owners: ResourceClient<O>,
  claims: Claims<T>,
  objects: ResourceClient<T>,
  signal: AbortSignal,
  finalizer?: string,
): Promise<Readonly<T>[]> {
  if (claims.adopt.length > 0) {
    const fresh = await owners.get(owner.metadata.name, { signal });
    if (fresh.metadata.uid !== owner.metadata.uid)
      throw new Error(`${owner.kind} ${owner.metadata.name} has been replaced`);
    if (fresh.metadata.deletionTimestamp !== undefined) return claims.mine;
  }
  const ignoreGone = (error: unknown): undefined => {
    if (isApiError(error, 'NotFound') || isApiError(error, 'Invalid')) return undefined;
    throw error;
  };
  const released = claims.release.map((object) => {
    const { uid, name } = object.metadata;
    const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }];
    const held = finalizer !== undefined && (object.metadata.finalizers ?? []).includes(finalizer);
    const freed = held ? { '$deleteFromPrimitiveList/finalizers': [finalizer] } : {};
    return objects
      .patch(name, { type: 'strategic', body: { metadata: { uid, ownerReferences, ...freed } } }, { signal })
      .catch(ignoreGone);
  });
  const adopted = claims.adopt.map((object) => {
    const { uid, name } = object.metadata;
    const body = { metadata: { uid, ownerReferences: [controllerRefOf(owner)] } };
    return objects.patch(name, { type: 'strategic', body }, { signal }).catch(ignoreGone);
  });
  await Promise.all(released);
  return [...claims.mine, ...(await Promise.all(adopted)).filter((object) => object !== undefined)];
}
