// Answers DELETE on a collection: every object that the selectors match, many at once, as one consistent list said.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { isApiError, success } from '../../../api/meta/status.ts';
import type { StoredObject } from '../../store/contract.ts';
import { answerObject, formOf } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import { parseDeleteOptions } from './delete-options.ts';
import { deleteObject } from './delete.ts';
import { fromStore } from './errors.ts';
import { storagePrefixOf } from './reader.ts';
import type { ResourceRequest } from './resource-request.ts';
import { parseSelection } from './selection.ts';

const inFlight = 64;

/** Serves DELETE of a collection; what vanished meanwhile counts as deleted. */
export async function serveDeleteCollection(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition, info } = request;
  const options = parseDeleteOptions(
    await readBody(exchange.request),
    exchange.headers['content-type'],
    exchange.query,
  );
  const selection = parseSelection(definition, exchange.query);
  const prefix = storagePrefixOf(definition, info.namespace);
  const { items } = await parts.store.list(prefix, { nodeName: selection.nodeName }).catch((error: unknown) => {
    throw fromStore(error, definition, '');
  });
  const pending = items.filter((item) => selection.isEverything || selection.matches(item.peek())).reverse();
  const worker = async (): Promise<void> => {
    for (let item = pending.pop(); item !== undefined; item = pending.pop())
      await deleteOne(parts, request, item, options);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, pending.length) }, worker));
  answerObject(exchange, 200, success(), formOf(exchange));
}

async function deleteOne(
  parts: ServerParts,
  request: ResourceRequest,
  item: StoredObject,
  options: Parameters<typeof deleteObject>[3],
): Promise<void> {
  const { name, namespace = '' }: KubernetesObject['metadata'] = item.peek().metadata;
  const one = { ...request, info: { ...request.info, name, namespace } };
  try {
    await deleteObject(parts, one, name, options, item);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
