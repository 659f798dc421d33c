// The verbs of one resource as paths, queries and bodies.
import type { Draft, KubernetesList, KubernetesObject } from '../api/meta/object-meta.ts';
import type {
  DeleteOptions,
  ListOptions,
  Patch,
  ResourceClient,
  ResourceRef,
  WatchOptions,
  WriteOptions,
} from './rest-client.ts';
import type { Request } from './request.ts';
import type { TransportRequest } from './transport/contract.ts';
import { requestJson } from './request.ts';
import { watchEvents } from './watch-events.ts';

const patchTypes: Record<Patch['type'], string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};
const accept = { accept: 'application/json' };
const jsonBody = { ...accept, 'content-type': 'application/json' };

/** `v1` or `apps/v1`. */
export function apiVersionOf(ref: Pick<ResourceRef, 'group' | 'version'>): string {
  return ref.group === '' ? ref.version : `${ref.group}/${ref.version}`;
}

/** The path of a collection, or of one object or subresource in it. */
export function resourcePath(ref: ResourceRef, namespace: string | undefined, ...rest: string[]): string {
  const root = ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
  const scope = ref.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return [`${root}${scope}/${ref.plural}`, ...rest.map(encodeURIComponent)].join('/');
}

/** A client of one resource, in one namespace or in all. */
export function createResourceClient<T extends KubernetesObject>(
  request: Request,
  ref: ResourceRef<T>,
  namespace: string | undefined,
): ResourceClient<T> {
  const apiVersion = apiVersionOf(ref);
  const collection = resourcePath(ref as ResourceRef, namespace);
  const one = (name: string, objectNamespace: string | undefined, ...rest: string[]): string => {
    if (name === '') throw new TypeError(`a ${ref.kind} needs a name`);
    return resourcePath(ref as ResourceRef, namespace ?? objectNamespace, name, ...rest);
  };
  const write = (method: string, path: string, object: object, options: WriteOptions = {}): Promise<T> =>
    requestJson<T>(request, {
      method,
      path,
      query: writeQuery(options),
      headers: jsonBody,
      body: JSON.stringify({ apiVersion, kind: ref.kind, ...object }),
      signal: options.signal,
    });
  const remove = async (path: string, options: DeleteOptions, query?: TransportRequest['query']): Promise<void> => {
    const { signal, propagationPolicy, gracePeriodSeconds, preconditions, dryRun } = options;
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy,
      gracePeriodSeconds,
      preconditions,
      dryRun: dryRun ? ['All'] : undefined,
    };
    await requestJson<unknown>(request, {
      method: 'DELETE',
      path,
      query,
      headers: jsonBody,
      body: JSON.stringify(body),
      signal,
    });
  };

  return {
    get: (name, options) =>
      requestJson<T>(request, { method: 'GET', path: one(name, undefined), headers: accept, signal: options?.signal }),
    async list(options: ListOptions = {}) {
      const { signal, ...query } = options;
      const list = await requestJson<KubernetesList<T>>(request, {
        method: 'GET',
        path: collection,
        query,
        headers: accept,
        signal,
      });
      list.items ??= [];
      for (const item of list.items) {
        item.apiVersion ??= apiVersion;
        item.kind ??= ref.kind;
      }
      return list;
    },
    watch(options: WatchOptions = {}) {
      const { signal, ...query } = options;
      return watchEvents<T>(request, {
        method: 'GET',
        path: collection,
        query: { ...query, watch: true },
        headers: accept,
        signal,
      });
    },
    create(object: Draft<T>, options) {
      const path = resourcePath(ref as ResourceRef, namespace ?? object.metadata.namespace);
      return write('POST', path, object, options);
    },
    update: (object, options) => write('PUT', one(object.metadata.name, object.metadata.namespace), object, options),
    updateStatus: (object, options) =>
      write('PUT', one(object.metadata.name, object.metadata.namespace, 'status'), object, options),
    patch(name, patch, options = {}) {
      return requestJson<T>(request, {
        method: 'PATCH',
        path: one(name, undefined, ...(options.subresource ? [options.subresource] : [])),
        query: { ...writeQuery(options), force: options.force },
        headers: { ...accept, 'content-type': patchTypes[patch.type] },
        body: JSON.stringify(patch.body),
        signal: options.signal,
      });
    },
    delete: (name, options = {}) => remove(one(name, undefined), options),
    deleteCollection: (options = {}) =>
      remove(collection, options, { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }),
    subresource<R>(name: string, subresource: string, body: unknown, options: WriteOptions = {}) {
      return requestJson<R>(request, {
        method: 'POST',
        path: one(name, undefined, subresource),
        query: writeQuery(options),
        headers: jsonBody,
        body: JSON.stringify(body),
        signal: options.signal,
      });
    },
  };
}

function writeQuery(options: WriteOptions): TransportRequest['query'] {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined };
}
