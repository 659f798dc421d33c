// The names of everything in a cluster, for finding an object without knowing its kind. Only metadata is asked for, a
// page of each kind, a few kinds at a time; answers serve for a short while. What may not be listed is left out.
import { z } from 'zod';
import type { ObjectRef } from '../../../api/console/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { discoverKinds } from '../explorer/discovery.ts';
import { collectionPath } from '../explorer/table-follower.ts';

const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
const listSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string(), namespace: z.string().optional() }) })),
});
const noise = new Set(['Event', 'Lease', 'ControllerRevision', 'EndpointSlice', 'Endpoints', 'ComponentStatus']);
const perKind = 500;
const atOnce = 6;
const freshMs = 15_000;
const mostFound = 40;

const kept = new WeakMap<RestClient, { readonly at: number; readonly names: Promise<readonly ObjectRef[]> }>();

async function readNames(client: RestClient, clock: Clock, signal: AbortSignal): Promise<readonly ObjectRef[]> {
  const kinds = (await discoverKinds(client, clock)).filter(
    ({ kind, verbs }) => verbs.includes('list') && !noise.has(kind),
  );
  const found: ObjectRef[] = [];
  const waiting = [...kinds];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { apiVersion, kind, plural, namespaced } = next;
      const [group = '', version = apiVersion] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      const path = collectionPath({ group, version, kind, plural, namespaced });
      const response = await client.request({
        method: 'GET',
        path,
        query: { limit: perKind },
        headers: { accept },
        signal,
      });
      const text = await response.text();
      const list = response.status === 200 ? listSchema.safeParse(JSON.parse(text)).data : undefined;
      for (const { metadata } of list?.items ?? []) {
        found.push({ apiVersion, kind, namespace: metadata.namespace || undefined, name: metadata.name });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

/** How well a name answers the words: whole, at its beginning, inside; 0 for not at all. Pure. */
export function rankOf({ kind, namespace, name }: ObjectRef, words: readonly string[]): number {
  const text = `${name} ${kind} ${namespace ?? ''}`.toLowerCase();
  if (!words.every((word) => text.includes(word))) return 0;
  const first = words[0] ?? '';
  const own = name.toLowerCase();
  return own === first ? 3 : own.startsWith(first) ? 2 : 1;
}

/** Objects that a person may mean, best first. */
export async function findObjects(
  client: RestClient,
  clock: Clock,
  text: string,
  signal: AbortSignal,
): Promise<readonly ObjectRef[]> {
  let known = kept.get(client);
  if (known === undefined || clock.now() - known.at > freshMs) {
    known = { at: clock.now(), names: readNames(client, clock, signal) };
    kept.set(client, known);
    known.names.catch(() => kept.delete(client));
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (await known.names)
    .map((object) => ({ object, rank: rankOf(object, words) }))
    .filter(({ rank }) => rank > 0)
    .sort((left, right) => right.rank - left.rank || left.object.name.length - right.object.name.length)
    .slice(0, mostFound)
    .map(({ object }) => object);
}
