// What a server serves: every resource once, in its group's preferred version where that has it.
import type { RestClient, ResourceRef } from './rest-client.ts';
import { requestJson } from './request.ts';

export interface DiscoveredResource extends ResourceRef {
  readonly verbs: readonly string[];
}

export interface Discovery {
  readonly resources: readonly DiscoveredResource[];
  /** Group versions that could not be asked, such as those of an aggregated server that is down. */
  readonly failures: readonly { groupVersion: string; error: unknown }[];
}

interface ApiResourceList {
  resources?: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}
interface GroupVersion {
  groupVersion: string;
}
interface ApiGroupList {
  groups?: { versions: GroupVersion[]; preferredVersion?: GroupVersion }[];
}

/** Asks the server; throws only when it does not even list its groups. */
export async function discoverResources(client: RestClient, signal?: AbortSignal): Promise<Discovery> {
  const get = <R>(path: string): Promise<R> =>
    requestJson<R>(client.request, { method: 'GET', path, headers: { accept: 'application/json' }, signal });
  const { groups = [] } = await get<ApiGroupList>('/apis');
  const groupVersions = groups.flatMap(({ versions, preferredVersion }) => {
    const all = versions.map(({ groupVersion }) => groupVersion);
    const first = preferredVersion?.groupVersion;
    return first === undefined ? all : [first, ...all.filter((one) => one !== first)];
  });
  const failures: { groupVersion: string; error: unknown }[] = [];
  const lists = await Promise.all(
    ['v1', ...groupVersions].map(async (groupVersion) => {
      try {
        return {
          groupVersion,
          list: await get<ApiResourceList>(groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`),
        };
      } catch (error) {
        failures.push({ groupVersion, error });
        return { groupVersion, list: {} };
      }
    }),
  );
  const found = new Map<string, DiscoveredResource>();
  for (const { groupVersion, list } of lists) {
    const [version = '', group = ''] = groupVersion.split('/').reverse();
    for (const { name, kind, namespaced, verbs } of list.resources ?? []) {
      const id = `${group}/${name}`;
      if (!name.includes('/') && !found.has(id))
        found.set(id, { group, version, kind, plural: name, namespaced, verbs });
    }
  }
  return { resources: [...found.values()], failures };
}
