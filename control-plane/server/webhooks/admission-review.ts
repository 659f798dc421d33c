// The AdmissionReview that a webhook gets, and what its answer means. Pure.
import { randomUUID } from 'node:crypto';
import { failure, type ApiError, type StatusReason } from '../../../api/meta/status.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { nameOf, type AdmissionRequest } from '../admission/admission.ts';
import type { ResourceDefinition } from '../served/definition.ts';

/** A webhook's answer. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly message?: string; readonly reason?: string; readonly code?: number };
  readonly patch?: string;
  readonly patchType?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** The request as webhooks and policies are told of it, without the objects. */
export function requestOf(request: AdmissionRequest): Readonly<Record<string, unknown>> {
  const { definition, asked = definition, subresource, namespace, operation, user, object, dryRun } = request;
  const kindOf = ({ group, version, kind }: ResourceDefinition): object => ({ group, version, kind });
  const resourceOf = ({ group, version, plural }: ResourceDefinition): object => ({ group, version, resource: plural });
  // Subresources that have a kind of their own are told by it: Scale, Eviction, PodExecOptions.
  const own = subresource === '' || object === undefined ? undefined : ownKindOf(object, definition);
  return {
    kind: own ?? kindOf(definition),
    resource: resourceOf(definition),
    ...(subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource }),
    requestKind: own ?? kindOf(asked),
    requestResource: resourceOf(asked),
    name: nameOf(request),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: { username: user.username, uid: user.uid, groups: user.groups, extra: user.extra },
    dryRun,
    ...(operation === 'CONNECT' ? {} : { options: optionsOf(operation, dryRun) }),
  };
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

function optionsOf(operation: keyof typeof optionKinds, dryRun: boolean): object {
  return { kind: optionKinds[operation], apiVersion: 'meta.k8s.io/v1', ...(dryRun ? { dryRun: ['All'] } : {}) };
}

function ownKindOf({ apiVersion, kind }: KubernetesObject, definition: ResourceDefinition): object | undefined {
  if (kind === definition.kind) return undefined;
  const slash = apiVersion.indexOf('/');
  return { group: slash === -1 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}

/** The review of one write. */
export function reviewOf(request: AdmissionRequest): { readonly uid: string; readonly body: string } {
  const uid = randomUUID();
  const { object = null, previous: oldObject = null } = request;
  const body = JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid, ...requestOf(request), object, oldObject },
  });
  return { uid, body };
}

/** Reads an answer; throws an Error that says what is wrong with it. */
export function responseOf(text: string, uid: string): AdmissionResponse {
  const review = JSON.parse(text) as {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly response?: AdmissionResponse;
  };
  if (review.kind !== 'AdmissionReview' || review.apiVersion !== 'admission.k8s.io/v1')
    throw new Error('expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview');
  const { response } = review;
  if (response === undefined) throw new Error('webhook response was absent');
  if (response.uid !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid)}`);
  if (typeof response.allowed !== 'boolean') throw new Error('response.allowed is not a boolean');
  return response;
}

/** What the client is told when a webhook says no. */
export function denial(name: string, { status }: AdmissionResponse): ApiError {
  const why = status?.message ?? status?.reason;
  const message =
    why === undefined || why === ''
      ? `admission webhook ${JSON.stringify(name)} denied the request without explanation`
      : `admission webhook ${JSON.stringify(name)} denied the request: ${why}`;
  const code = status?.code !== undefined && status.code >= 400 ? status.code : 403;
  return failure((status?.reason ?? 'Forbidden') as StatusReason, message, undefined, { code });
}
