// One audit event as audit.k8s.io/v1 has it, and what of bodies goes into it.
import type { Peer } from '../http/peer.ts';
import { decodeBody } from '../http/body.ts';
import type { User } from '../authentication/user.ts';
import type { RequestInfo } from '../request/request-info.ts';
import type { AuditLevel, AuditStage } from './policy.ts';

/** What an event says of the object that a request is about. */
export interface ObjectReference {
  readonly resource: string;
  readonly namespace?: string;
  name?: string;
  uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion: string;
  resourceVersion?: string;
  readonly subresource?: string;
}

/** One line of the log. */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: AuditLevel;
  readonly auditID: string;
  stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: object;
  impersonatedUser?: object;
  readonly sourceIPs: readonly string[];
  readonly userAgent?: string;
  readonly objectRef?: ObjectReference;
  responseStatus?: {
    readonly metadata: object;
    readonly code: number;
    readonly message?: string;
    readonly reason?: string;
  };
  requestObject?: unknown;
  responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  stageTimestamp: string;
  annotations?: Record<string, string>;
}

/** A user as events have it. */
export function userInfo({ username, uid, groups, extra }: User): object {
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** Which object a request names; its name may still come with the body. */
export function objectReference(info: RequestInfo): ObjectReference | undefined {
  if (!info.isResource) return undefined;
  const { resource, namespace, name, group, version, subresource } = info;
  return {
    resource,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { apiGroup: group }),
    apiVersion: version,
    ...(subresource === '' ? {} : { subresource }),
  };
}

const mostForwarded = 8;

/** Where a request came from: what proxies say first, the connection last. */
export function sourceAddresses(forwarded: string | string[] | undefined, peer: Peer): string[] {
  const told = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter((address) => /^[\da-f.:]{2,45}$/i.test(address));
  const own = peer.address.replace(/^::ffff:/, '');
  return [...new Set([...told.slice(0, mostForwarded), own])].filter((address) => address !== '');
}

/** A body as a value; undefined when it is none. */
export function valueOf(body: Uint8Array, contentType: string | undefined): unknown {
  if (body.byteLength === 0) return undefined;
  try {
    return decodeBody(Buffer.from(body.buffer, body.byteOffset, body.byteLength), contentType);
  } catch {
    return undefined; // not an object: its refusal is in the response status
  }
}

/** The value without managed fields, in a list too. The value is the caller's own. */
export function withoutManagedFields(value: unknown): unknown {
  const strip = (one: unknown): void => {
    const metadata = (one as { metadata?: { managedFields?: unknown } } | undefined)?.metadata;
    if (metadata !== undefined && metadata !== null) delete metadata.managedFields;
  };
  strip(value);
  const items = (value as { items?: unknown } | undefined)?.items;
  if (Array.isArray(items)) items.forEach(strip);
  return value;
}
