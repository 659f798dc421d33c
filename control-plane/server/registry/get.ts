// Answers GET of one object with its stored bytes.
import type { Consistency, StoredObject } from '../../store/contract.ts';
import { notFound } from '../../../api/meta/status.ts';
import { answerBytes, answerObject, formOf } from '../http/answer.ts';
import type { ServerParts } from '../parts.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { fromStore } from './errors.ts';
import { projectList, projectObject } from './projection.ts';
import { storageKey } from './reader.ts';
import type { ResourceRequest } from './resource-request.ts';
import { parseResourceVersion } from './versions.ts';

/** Serves GET of an object; subresources of the same kind (status) answer the same. */
export async function serveGet(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, info, definition } = request;
  const form = formOf(exchange);
  const stored = await fetchObject(parts, definition, info.namespace, info.name, consistencyOf(exchange.query));
  answerStored(parts, request, 200, stored, form.projection);
}

/** Sends a stored object in the negotiated form. */
export function answerStored(
  parts: ServerParts,
  request: ResourceRequest,
  code: number,
  stored: StoredObject,
  projection = formOf(request.exchange).projection,
): void {
  const { exchange } = request;
  const form = formOf(exchange);
  if (projection === 'none') return answerBytes(exchange, code, stored.bytes, form);
  if (projection === 'metadata') return answerObject(exchange, code, projectObject(stored.peek()), form);
  const metadata = { resourceVersion: String(stored.revision) };
  answerObject(exchange, code, projectList('table', request, [stored], metadata, parts.clock.now()), form);
}

/** The stored object, or 404. */
export async function fetchObject(
  parts: ServerParts,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  consistency: Consistency = 'latest',
): Promise<StoredObject> {
  let stored: StoredObject | undefined;
  try {
    stored = await parts.store.get(storageKey(definition, namespace, name), { consistency });
  } catch (error) {
    throw fromStore(error, definition, name);
  }
  if (stored === undefined) throw notFound(definition, name);
  return stored;
}

function consistencyOf(query: URLSearchParams): Consistency {
  if (query.size === 0) return 'latest';
  const version = parseResourceVersion(query.get('resourceVersion'));
  if (version === undefined) return 'latest';
  return version === 0 ? 'cache' : { atLeast: version };
}
