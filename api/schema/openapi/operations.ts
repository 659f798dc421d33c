// What can be done with a resource, path by path, before it is written down as OpenAPI 2 or 3.
import type { ResourceDefinition, SubresourceDefinition, Verb } from '../../kinds/resource.ts';

/** A kind of one version of one group. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What an operation takes or returns: a definition's name, or text. */
export type Payload = GroupVersionKind | 'Status' | 'WatchEvent' | 'DeleteOptions' | 'Patch' | 'text';

export type Method = 'delete' | 'get' | 'head' | 'options' | 'patch' | 'post' | 'put';

/** One operation on one path. */
export interface Operation {
  readonly path: string;
  readonly method: Method;
  readonly action: string;
  readonly id: string;
  readonly about: GroupVersionKind;
  readonly body?: Payload;
  readonly query: readonly string[];
  readonly responses: Readonly<Record<string, Payload>>;
}

const selection = [
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'pretty',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'shardSelector',
  'timeoutSeconds',
];
const listing = ['allowWatchBookmarks', ...selection, 'watch'];
const writing = ['dryRun', 'fieldManager', 'fieldValidation', 'pretty'];
const patching = [...writing, 'force'];
const deleting = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'pretty',
  'propagationPolicy',
];

/** Kinds whose deletion answers with the object rather than with a Status. */
const answersDeleted = new Set([
  'CSIDriver',
  'CSINode',
  'DeviceClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'PodTemplate',
  'ResourceClaim',
  'ResourceClaimTemplate',
  'ResourceQuota',
  'ResourceSlice',
  'Service',
  'ServiceAccount',
  'StorageClass',
  'VolumeAttachment',
  'VolumeAttributesClass',
]);

/** The root path of a group's version. */
export function rootOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Every operation on a resource and its subresources. */
export function operationsOf(definition: ResourceDefinition): Operation[] {
  const scope = definition.namespaced ? '/namespaces/{namespace}' : '';
  const collection = `${rootOf(definition)}${scope}/${definition.plural}`;
  const item = `${collection}/{name}`;
  const can = (verb: Verb): boolean => definition.verbs.includes(verb);
  const operations = [...collectionOperations(definition, collection), ...itemOperations(definition, item)];
  if (definition.namespaced && (can('list') || can('create'))) operations.push(...acrossNamespaces(definition));
  if (can('watch')) operations.push(...watchOperations(definition));
  for (const [name, subresource] of Object.entries(definition.subresources)) {
    operations.push(...subresourceOperations(definition, name, subresource, `${item}/${name}`));
  }
  return operations;
}

function kindOf({ group, version, kind }: ResourceDefinition): GroupVersionKind {
  return { group, version, kind };
}

function listOf({ group, version, listKind }: ResourceDefinition): GroupVersionKind {
  return { group, version, kind: listKind };
}

/** Operation ids as client generators know them: `readAppsV1NamespacedDeploymentScale`. */
function idOf(
  definition: ResourceDefinition,
  verb: string,
  suffix = '',
  { scoped = true, kind = definition.kind } = {},
): string {
  const parts = definition.group === '' ? ['core'] : definition.group.replace(/\.k8s\.io$/, '').split('.');
  const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  const place = definition.namespaced && scoped ? 'Namespaced' : '';
  const collection = verb === 'deletecollection';
  const about = `${parts.map(title).join('')}${title(definition.version)}${collection ? 'Collection' : ''}`;
  return `${collection ? 'delete' : verb}${about}${place}${kind}${suffix}`;
}

function collectionOperations(definition: ResourceDefinition, path: string): Operation[] {
  const about = kindOf(definition);
  const operations: Operation[] = [];
  const can = (verb: Verb): boolean => definition.verbs.includes(verb);
  if (can('list')) {
    const responses = { 200: listOf(definition) };
    operations.push({
      path,
      method: 'get',
      action: 'list',
      id: idOf(definition, 'list'),
      about,
      query: listing,
      responses,
    });
  }
  if (can('create')) {
    const responses = { 200: about, 201: about, 202: about };
    const id = idOf(definition, 'create');
    operations.push({ path, method: 'post', action: 'post', id, about, body: about, query: writing, responses });
  }
  if (can('deletecollection')) {
    const query = [...new Set([...selection, ...deleting])];
    const id = idOf(definition, 'deletecollection');
    const responses = { 200: 'Status' } as const;
    operations.push({
      path,
      method: 'delete',
      action: 'deletecollection',
      id,
      about,
      body: 'DeleteOptions',
      query,
      responses,
    });
  }
  return operations;
}

function itemOperations(definition: ResourceDefinition, path: string): Operation[] {
  const about = kindOf(definition);
  const gone = answersDeleted.has(definition.kind) ? about : 'Status';
  const all: Partial<Record<Verb, Operation>> = {
    delete: {
      path,
      method: 'delete',
      action: 'delete',
      id: idOf(definition, 'delete'),
      about,
      body: 'DeleteOptions',
      query: deleting,
      responses: { 200: gone, 202: gone },
    },
    ...objectOperations(definition, path, about, '', about),
  };
  return pick(all, definition.verbs);
}

/** Reading, replacing and patching an object, or the part of it that a subresource is. */
function objectOperations(
  definition: ResourceDefinition,
  path: string,
  about: GroupVersionKind,
  suffix: string,
  payload: GroupVersionKind,
): Partial<Record<Verb, Operation>> {
  const written = { 200: payload, 201: payload };
  const id = (verb: string): string => idOf(definition, verb, suffix);
  return {
    get: { path, method: 'get', action: 'get', id: id('read'), about, query: ['pretty'], responses: { 200: payload } },
    patch: {
      path,
      method: 'patch',
      action: 'patch',
      id: id('patch'),
      about,
      body: 'Patch',
      query: patching,
      responses: written,
    },
    update: {
      path,
      method: 'put',
      action: 'put',
      id: id('replace'),
      about,
      body: payload,
      query: writing,
      responses: written,
    },
  };
}

function pick(operations: Partial<Record<Verb, Operation>>, verbs: readonly Verb[]): Operation[] {
  return verbs.map((verb) => operations[verb]).filter((operation) => operation !== undefined);
}

/** A namespaced resource can also be listed everywhere; requests that are never stored are posted anywhere. */
function acrossNamespaces(definition: ResourceDefinition): Operation[] {
  if (!definition.verbs.includes('list')) return [];
  const path = `${rootOf(definition)}/${definition.plural}`;
  const id = idOf(definition, 'list', 'ForAllNamespaces', { scoped: false });
  const responses = { 200: listOf(definition) };
  return [{ path, method: 'get', action: 'list', id, about: kindOf(definition), query: listing, responses }];
}

function watchOperations(definition: ResourceDefinition): Operation[] {
  const root = `${rootOf(definition)}/watch`;
  const { plural } = definition;
  const watch = (path: string, action: string, id: string): Operation => ({
    path,
    method: 'get',
    action,
    id,
    about: kindOf(definition),
    query: listing,
    responses: { 200: 'WatchEvent' },
  });
  const one = idOf(definition, 'watch');
  if (!definition.namespaced) {
    return [watch(`${root}/${plural}`, 'watchlist', `${one}List`), watch(`${root}/${plural}/{name}`, 'watch', one)];
  }
  const scoped = `${root}/namespaces/{namespace}/${plural}`;
  return [
    watch(scoped, 'watchlist', `${one}List`),
    watch(`${scoped}/{name}`, 'watch', one),
    watch(`${root}/${plural}`, 'watchlist', idOf(definition, 'watch', 'ListForAllNamespaces', { scoped: false })),
  ];
}

const streams: Readonly<Record<string, readonly string[]>> = {
  attach: ['container', 'stderr', 'stdin', 'stdout', 'tty'],
  exec: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'],
  portforward: ['ports'],
  proxy: ['path'],
};

const logQuery = [
  'container',
  'follow',
  'insecureSkipTLSVerifyBackend',
  'limitBytes',
  'pretty',
  'previous',
  'sinceSeconds',
  'stream',
  'tailLines',
  'timestamps',
];

function subresourceOperations(
  definition: ResourceDefinition,
  name: string,
  subresource: SubresourceDefinition,
  path: string,
): Operation[] {
  const { group = definition.group, version = definition.version, kind = definition.kind } = subresource;
  const payload = { group, version, kind };
  const suffix = name.charAt(0).toUpperCase() + name.slice(1);
  const query = streams[name];
  if (query !== undefined) return connectOperations(definition, payload, path, suffix, query);
  if (name === 'log') {
    const id = idOf(definition, 'read', 'Log');
    return [{ path, method: 'get', action: 'get', id, about: payload, query: logQuery, responses: { 200: 'text' } }];
  }
  const responses = { 200: payload, 201: payload, 202: payload };
  const id = idOf(definition, 'create', suffix);
  const create: Operation = {
    path,
    method: 'post',
    action: 'post',
    id,
    about: payload,
    body: payload,
    query: writing,
    responses,
  };
  return pick({ ...objectOperations(definition, path, payload, suffix, payload), create }, subresource.verbs);
}

const proxyMethods: readonly Method[] = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'];

function connectOperations(
  definition: ResourceDefinition,
  about: GroupVersionKind,
  path: string,
  suffix: string,
  query: readonly string[],
): Operation[] {
  const proxies = suffix === 'Proxy';
  const methods: readonly Method[] = proxies ? proxyMethods : ['get', 'post'];
  const at = (place: string, tail: string): Operation[] =>
    methods.map((method) => {
      const verb = method.charAt(0).toUpperCase() + method.slice(1);
      const id = idOf(definition, 'connect', `${suffix}${tail}`).replace(/^(connect[A-Za-z]+?V\d)/, `$1${verb}`);
      return { path: place, method, action: 'connect', id, about, query, responses: { 200: 'text' } };
    });
  return proxies ? [...at(path, ''), ...at(`${path}/{path}`, 'WithPath')] : at(path, '');
}
