// Events of the core group and of events.k8s.io are one thing under two sets of names. Pure.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';

/** Names of the same field: core, events.k8s.io. */
const names: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

type Loose = Record<string, unknown>;

function renamed(
  object: KubernetesObject,
  apiVersion: string,
  pairs: readonly (readonly [string, string])[],
): KubernetesObject {
  const from = object as unknown as Loose;
  for (const [before, after] of pairs) {
    if (from[before] === undefined) continue;
    from[after] = from[before];
    delete from[before];
  }
  object.apiVersion = apiVersion;
  return object;
}

/** A core event as events.k8s.io names it. */
export function convertEventToEvents(object: KubernetesObject): KubernetesObject {
  return renamed(object, 'events.k8s.io/v1', names);
}

/** An events.k8s.io event as the core group names it; core demands an involved object and a source. */
export function convertEventToCore(object: KubernetesObject): KubernetesObject {
  const core = renamed(
    object,
    'v1',
    names.map(([before, after]) => [after, before] as const),
  ) as unknown as Loose;
  core['involvedObject'] ??= {};
  core['source'] ??= {};
  return core as unknown as KubernetesObject;
}
