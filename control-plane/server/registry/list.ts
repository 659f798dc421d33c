// Answers LIST: from stored bytes when nothing has to be looked into, filtered by selectors otherwise, in pages on demand.
import type { ListMeta } from '../../../api/meta/object-meta.ts';
import type { ListResult, StoredObject } from '../../store/contract.ts';
import { isStoreError } from '../../store/errors.ts';
import { answerObject, answerParts, formOf } from '../http/answer.ts';
import type { ServerParts } from '../parts.ts';
import { listParts } from './encode-list.ts';
import { fromStore } from './errors.ts';
import { projectList } from './projection.ts';
import { storageKey, storagePrefixOf } from './reader.ts';
import type { ResourceRequest } from './resource-request.ts';
import { parseSelection, type Selection } from './selection.ts';
import { encodeContinue, expiredPage, parseListVersion, type ListVersion } from './versions.ts';

/** How many objects one look into the store brings when pages are filtered by a selector. */
const scanPage = 1000;

interface Page {
  readonly revision: number;
  readonly items: readonly StoredObject[];
  readonly metadata: ListMeta;
}

/** Serves GET of a collection. */
export async function serveList(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, definition } = request;
  const form = formOf(exchange);
  const selection = parseSelection(definition, exchange.query);
  const version = parseListVersion(exchange.query, definition.storagePrefix);
  const page = await readPage(parts, request, selection, version);
  if (form.projection === 'none') {
    return answerParts(exchange, 200, listParts(definition, page.metadata, page.items), form);
  }
  answerObject(
    exchange,
    200,
    projectList(form.projection, request, page.items, page.metadata, parts.clock.now()),
    form,
  );
}

/** Reads one page (or everything) that the selection matches. */
async function readPage(
  parts: ServerParts,
  request: ResourceRequest,
  selection: Selection,
  version: ListVersion,
): Promise<Page> {
  const { definition, info } = request;
  try {
    if (selection.name !== undefined && (info.namespace !== '' || !definition.namespaced)) {
      return await readNamed(parts, request, selection, selection.name, version);
    }
    return await scan(parts, request, selection, version);
  } catch (error) {
    if (isStoreError(error, 'Expired') && version.afterKey !== undefined) {
      throw expiredPage(version.afterKey.slice(definition.storagePrefix.length));
    }
    throw fromStore(error, definition, '');
  }
}

/** One named object, as a list: what `fieldSelector=metadata.name=x` asks for, without a scan. */
async function readNamed(
  parts: ServerParts,
  request: ResourceRequest,
  selection: Selection,
  name: string,
  version: ListVersion,
): Promise<Page> {
  const { store } = parts;
  const stored = await store.get(storageKey(request.definition, request.info.namespace, name), {
    consistency: version.consistency,
  });
  const items = stored !== undefined && selection.matches(stored.peek()) ? [stored] : [];
  const revision = store.cachedRevision();
  return { revision, items, metadata: { resourceVersion: String(revision) } };
}

async function scan(
  parts: ServerParts,
  request: ResourceRequest,
  selection: Selection,
  version: ListVersion,
): Promise<Page> {
  const { definition, info } = request;
  const prefix = storagePrefixOf(definition, info.namespace);
  const { limit } = version;
  const found: StoredObject[] = [];
  let { afterKey, revision, consistency } = version;
  for (;;) {
    const result: ListResult = await parts.store.list(prefix, {
      consistency,
      revision,
      limit: limit === 0 ? 0 : selection.isEverything ? limit : scanPage,
      afterKey,
      nodeName: selection.nodeName,
    });
    let last: StoredObject | undefined;
    for (const item of result.items) {
      last = item;
      if (selection.isEverything || selection.matches(item.peek())) found.push(item);
      if (limit > 0 && found.length === limit) break;
    }
    const beyond = result.remaining > 0 || last !== result.items.at(-1);
    if (last === undefined || !beyond || (limit > 0 && found.length === limit)) {
      return {
        revision: result.revision,
        items: found,
        metadata: metadataOf(definition.storagePrefix, result, beyond ? last : undefined, selection),
      };
    }
    afterKey = last.key;
    revision = result.revision;
    consistency = { atLeast: result.revision };
  }
}

function metadataOf(
  prefix: string,
  result: ListResult,
  last: StoredObject | undefined,
  selection: Selection,
): ListMeta {
  const resourceVersion = String(result.revision);
  if (last === undefined) return { resourceVersion };
  const token = encodeContinue(result.revision, last.key.slice(prefix.length));
  if (!selection.isEverything) return { resourceVersion, continue: token };
  return { resourceVersion, continue: token, remainingItemCount: result.remaining };
}
