// Follows several informers for a stream about one thing.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import type { Informer } from '../../../machinery/informer.ts';
import type { Context } from '../context.ts';
import type { Unsubscribe } from '../contract.ts';
import { coalesce } from './coalesce.ts';

const detailMs = 100;

/** Calls `deliver` once all informers have their first list, then after every change that concerns it. */
export function watchInformers(
  context: Context,
  signal: AbortSignal,
  sources: readonly { informer: Informer<KubernetesObject>; concerns(object: KubernetesObject): boolean }[],
  deliver: () => void,
): Unsubscribe {
  let synced = false;
  const soon = coalesce(context.clock, detailMs, () => {
    if (synced) deliver();
  });
  const stops = sources.map(({ informer, concerns }) =>
    informer.onDidChange(({ current, previous }) => {
      const object = current ?? previous;
      if (object !== undefined && concerns(object as KubernetesObject)) soon.request();
    }),
  );
  Promise.all(sources.map(({ informer }) => informer.whenSynced(signal))).then(
    () => {
      synced = true;
      soon.request();
    },
    () => undefined, // rejects only when the cluster is closed
  );
  return () => {
    for (const stop of stops) stop();
    soon.cancel();
  };
}

export const widen = <T extends KubernetesObject>(informer: Informer<T>): Informer<KubernetesObject> =>
  informer as unknown as Informer<KubernetesObject>;
