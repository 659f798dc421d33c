// Discovery documents of the served resources: legacy lists and the aggregated form that kubectl asks for first.
import type { ResourceDefinition } from '../served/definition.ts';

/** One entry of an APIResourceList. */
export interface ApiResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** A group with its versions in order of preference. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** What belongs to a version of a group: a resource, or an extension that lists none. */
export type GroupMember = Pick<ResourceDefinition, 'group' | 'version'>;

/** The groups of the members, the core group (empty name) included, in order of appearance. */
export function groupsOf(members: readonly GroupMember[]): ServedGroup[] {
  const groups = new Map<string, string[]>();
  for (const { group, version } of members) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  }
  return [...groups].map(([name, versions]) => ({ name, versions: versions.sort(byPreference) }));
}

/** Kubernetes' version order: v2 > v1 > v1beta2 > v1beta1 > v1alpha1 > anything else by name. */
function byPreference(a: string, b: string): number {
  const rank = (version: string): number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [-1, 0, 0];
    const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
    return [stage, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [x, y] = [rank(a), rank(b)];
  for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return (y[i] ?? 0) - (x[i] ?? 0);
  return a < b ? -1 : 1;
}

/** `/api`. */
export function apiVersionsDocument(address: string): object {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

function groupDocument({ name, versions }: ServedGroup): object {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
}

/** `/apis`. */
export function apiGroupListDocument(members: readonly GroupMember[]): object {
  const groups = groupsOf(members).filter(({ name }) => name !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupDocument) };
}

/** `/apis/GROUP`; undefined when nothing of it is served. */
export function apiGroupDocument(members: readonly GroupMember[], name: string): object | undefined {
  const group = groupsOf(members).find((served) => served.name === name);
  return group === undefined || name === ''
    ? undefined
    : { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group) };
}

/** `/api/v1` and `/apis/GROUP/VERSION`; undefined when nothing of it is served. */
export function apiResourceListDocument(
  definitions: readonly ResourceDefinition[],
  group: string,
  version: string,
): object | undefined {
  const served = definitions.filter((definition) => definition.group === group && definition.version === version);
  if (served.length === 0) return undefined;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  const resources = served.flatMap(resourcesOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function resourcesOf(definition: ResourceDefinition): ApiResource[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = definition;
  const main: ApiResource = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
  const subresources = Object.entries(definition.subresources).map(([name, subresource]) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...(subresource.kind === undefined
      ? {}
      : { group: subresource.group ?? definition.group, version: subresource.version ?? definition.version }),
    kind: subresource.kind ?? kind,
    verbs: subresource.verbs,
  }));
  return [...(verbs.length > 0 ? [main] : []), ...subresources];
}

/** A group version whose resources are known by their list alone: extensions, and other servers' groups. */
export interface ListedVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ApiResource[];
  /** Whether its server did not answer last time. */
  readonly isStale: boolean;
}

/** `/apis/GROUP/VERSION` of a listed version. */
export function listedDocument({ group, version, resources }: ListedVersion): object {
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/${version}`, resources };
}

/** A list's resources as the aggregated form has them: subresources inside their resource. */
function aggregatedList({ group, version, resources }: ListedVersion): object[] {
  const kindOf = (one: ApiResource): object => ({
    group: one.group ?? group,
    version: one.version ?? version,
    kind: one.kind,
  });
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((one) => {
      const { name, singularName, namespaced, verbs, shortNames, categories } = one;
      const subresources = resources
        .filter((other) => other.name.startsWith(`${name}/`))
        .map((other) => ({
          subresource: other.name.slice(name.length + 1),
          responseKind: kindOf(other),
          verbs: other.verbs,
        }));
      return {
        resource: name,
        responseKind: kindOf(one),
        scope: namespaced ? 'Namespaced' : 'Cluster',
        singularResource: singularName,
        verbs,
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
        ...(subresources.length > 0 ? { subresources } : {}),
      };
    });
}

/** The aggregated form of `/api` (core only) or `/apis` (the rest). */
export function aggregatedDocument(
  definitions: readonly ResourceDefinition[],
  isCore: boolean,
  listed: readonly ListedVersion[] = [],
): object {
  const items = groupsOf([...definitions, ...listed])
    .filter(({ name }) => (name === '') === isCore)
    .map(({ name, versions }) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: versions.map((version) => {
        const list = listed.find((one) => one.group === name && one.version === version);
        const own = definitions.filter((one) => one.group === name && one.version === version);
        const resources = list === undefined ? own.map(aggregatedResource) : aggregatedList(list);
        return { version, resources, freshness: list?.isStale === true ? 'Stale' : 'Current' };
      }),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResource(definition: ResourceDefinition): object {
  const { group, version, kind, plural, singular, namespaced, verbs, shortNames, categories } = definition;
  const subresources = Object.entries(definition.subresources).map(([name, subresource]) => ({
    subresource: name,
    responseKind: {
      group: subresource.group ?? group,
      version: subresource.version ?? version,
      kind: subresource.kind ?? kind,
    },
    verbs: subresource.verbs,
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
