// Which kinds a cluster serves: the legacy group and every group at its preferred version, asked again after a while.
// A group whose server does not answer is left out, as kubectl does it; the others stay usable.
import { z } from 'zod';
import type { KindView } from '../../../api/console/index.ts';
import { catalogue } from '../../../api/kinds/catalogue.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';

const freshMs = 20_000;
const groupList = z.object({
  groups: z.array(z.object({ name: z.string(), preferredVersion: z.object({ groupVersion: z.string() }) })),
});
const resourceList = z.object({
  groupVersion: z.string(),
  resources: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      namespaced: z.boolean(),
      verbs: z.array(z.string()).default([]),
      shortNames: z.array(z.string()).nullish(),
    }),
  ),
});
const ownGroups = new Set(catalogue.map(({ group }) => group));

async function ask<T>(client: RestClient, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const response = await client.request({ method: 'GET', path });
  if (response.status !== 200) return undefined;
  const parsed = schema.safeParse(JSON.parse(await response.text()));
  return parsed.success ? parsed.data : undefined;
}

async function kindsOf(client: RestClient, path: string): Promise<KindView[]> {
  const list = await ask(client, path, resourceList);
  if (list === undefined) return [];
  const group = list.groupVersion.includes('/') ? (list.groupVersion.split('/')[0] ?? '') : '';
  return list.resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs, shortNames }) => ({
      apiVersion: list.groupVersion,
      kind,
      plural: name,
      namespaced,
      verbs,
      shortNames: shortNames ?? [],
      custom: !ownGroups.has(group) && !group.endsWith('.k8s.io'),
    }));
}

async function discover(client: RestClient): Promise<readonly KindView[]> {
  const groups = await ask(client, '/apis', groupList);
  const paths = ['/api/v1', ...(groups?.groups ?? []).map((one) => `/apis/${one.preferredVersion.groupVersion}`)];
  const answers = await Promise.all(paths.map((path) => kindsOf(client, path).catch((): KindView[] => [])));
  return answers.flat();
}

const kept = new WeakMap<RestClient, { readonly at: number; readonly kinds: Promise<readonly KindView[]> }>();

/** Every kind with its verbs; answers from memory for a short while, as screens ask together. */
export function discoverKinds(client: RestClient, clock: Clock): Promise<readonly KindView[]> {
  const known = kept.get(client);
  if (known !== undefined && clock.now() - known.at < freshMs) return known.kinds;
  const kinds = discover(client);
  kept.set(client, { at: clock.now(), kinds });
  kinds.catch(() => kept.delete(client));
  return kinds;
}
