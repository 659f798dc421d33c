// A typed client of the Kubernetes API over any transport. Errors are ApiError: what the server answered, or a retryable
// ServiceUnavailable with its cause when it could not be reached. Nothing is retried here but 429 with Retry-After.
import type { KubernetesList, KubernetesObject, Draft } from '../api/meta/object-meta.ts';
import type { WatchEvent } from '../api/meta/watch.ts';
import type { Transport, TransportRequest, TransportResponse, Upgraded } from './transport/contract.ts';
import { createResourceClient } from './resource-client.ts';
import { requestWithPatience } from './request.ts';

/** What names a resource; every ResourceDefinition is one. */
export interface ResourceRef<T extends KubernetesObject = KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Only carries the type; a hand-written reference leaves it out. */
  validate?(object: T): unknown;
}

export interface CallOptions {
  signal?: AbortSignal;
}
export interface ListOptions extends CallOptions {
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}
export interface WatchOptions extends CallOptions {
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
  resourceVersionMatch?: 'NotOlderThan';
  timeoutSeconds?: number;
}
export interface WriteOptions extends CallOptions {
  fieldManager?: string;
  dryRun?: boolean;
}
export interface PatchOptions extends WriteOptions {
  subresource?: string;
  /** For server-side apply: take over fields that others own. */
  force?: boolean;
}
export interface DeleteOptions extends CallOptions {
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}
export interface DeleteCollectionOptions extends DeleteOptions {
  labelSelector?: string;
  fieldSelector?: string;
}
export interface Patch {
  type: 'json' | 'merge' | 'strategic' | 'apply';
  body: unknown;
}

export interface ResourceClient<T extends KubernetesObject> {
  get(name: string, options?: CallOptions): Promise<T>;
  /** One page (all, without `limit`). Items carry apiVersion and kind. */
  list(options?: ListOptions): Promise<KubernetesList<T>>;
  /** Events after `resourceVersion`; ends when the server ends it, throws ApiError on an ERROR event (Expired: list again). */
  watch(options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  create(object: Draft<T>, options?: WriteOptions): Promise<T>;
  update(object: T, options?: WriteOptions): Promise<T>;
  updateStatus(object: T, options?: WriteOptions): Promise<T>;
  patch(name: string, patch: Patch, options?: PatchOptions): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<void>;
  deleteCollection(options?: DeleteCollectionOptions): Promise<void>;
  /** POSTs a body to a subresource such as binding, eviction or token, and returns the answer. */
  subresource<R>(name: string, subresource: string, body: unknown, options?: WriteOptions): Promise<R>;
}

export interface RestClient {
  /** Without a namespace, a namespaced resource means all namespaces for list and watch; writes then use the object's own. */
  resource<T extends KubernetesObject>(ref: ResourceRef<T>, namespace?: string): ResourceClient<T>;
  /** Any request; a status of 400 or more is an answer, not an error. */
  request(request: TransportRequest): Promise<TransportResponse>;
  /** A WebSocket for exec, attach and port-forward; `path` may carry a query. */
  upgrade(path: string, protocols: readonly string[], options?: CallOptions): Promise<Upgraded>;
  close(): void;
}

export interface RestClientOptions {
  transport: Transport;
  userAgent?: string;
  /** Sent with every request, such as a leader's fence. */
  headers?: () => Readonly<Record<string, string>>;
}

/** A client of the server that the transport leads to. */
export function createRestClient(options: RestClientOptions): RestClient {
  const { transport, userAgent = 'pilothouse', headers } = options;
  const request = (one: TransportRequest): Promise<TransportResponse> =>
    requestWithPatience(transport, { ...one, headers: { 'user-agent': userAgent, ...headers?.(), ...one.headers } });
  return {
    resource: (ref, namespace) => createResourceClient(request, ref, namespace),
    request,
    upgrade: (path, protocols, call) => {
      const url = new URL(path, 'http://server');
      const query: Record<string, string[]> = {};
      for (const [name, value] of url.searchParams) (query[name] ??= []).push(value);
      return transport.upgrade({ path: url.pathname, query, signal: call?.signal }, protocols);
    },
    close: () => transport.close(),
  };
}
