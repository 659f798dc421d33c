// Answers WATCH. Every watcher of the same change gets the same bytes; a watcher that does not read is cut by the store.
// Initial state, bookmarks, selectors (entering and leaving), tables and the end of time all happen here.
import { isStoreError } from '../../store/errors.ts';
import type { StoredObject, StoreEvent, StoreWatch } from '../../store/contract.ts';
import { formOf } from '../http/answer.ts';
import { wantsWebSocket } from '../http/web-socket.ts';
import { createChunk, createChunkWriter, type Chunk, type ChunkWriter } from '../http/chunks.ts';
import { statusOf } from '../http/answer.ts';
import type { WatchLabels } from '../metrics/request-metrics.ts';
import type { ServerParts } from '../parts.ts';
import { expired, fromStore, invalidOptions } from './errors.ts';
import { storageKey, storagePrefixOf } from './reader.ts';
import type { ResourceRequest } from './resource-request.ts';
import { parseSelection, type Selection } from './selection.ts';
import { parseResourceVersion } from './versions.ts';
import { acceptWatch } from './watch-messages.ts';
import { chunksOfBatch, createFrames, joinParts, type Frames } from './watch-frames.ts';

const bookmarkEveryMs = 60_000;
const shortestDefaultTimeoutMs = 1_800_000;

interface WatchPlan {
  readonly selection: Selection;
  readonly prefix: string;
  readonly frames: Frames;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
  /** Undefined: begin with the present state. */
  readonly fromRevision: number | undefined;
  readonly presentState: 'none' | 'cache' | 'latest' | { readonly atLeast: number };
  /** Whether the end of the present state is marked (watch-list). */
  readonly marksInitialEnd: boolean;
}

/** Serves a watch until it times out, the client leaves, history is gone or the server closes. */
export async function serveWatch(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const plan = planWatch(parts, request);
  const { exchange, definition } = request;
  const inMessages = wantsWebSocket(exchange);
  const initial = await readInitial(parts, request, plan).catch((error: unknown) => {
    throw fromStore(error, definition, '');
  });
  const ending = new AbortController();
  const abort = (): void => ending.abort();
  exchange.signal.addEventListener('abort', abort, { once: true });
  const cancelTimeout = parts.clock.setTimeout(abort, plan.timeoutMs);
  const watch = parts.store.watch(plan.prefix, {
    fromRevision: initial.revision,
    signal: ending.signal,
    nodeName: plan.selection.nodeName,
  });
  const response = inMessages
    ? await acceptWatch(exchange, plan.frames)
    : exchange.stream(200, plan.frames.contentType);
  try {
    if ('flushHeaders' in response) response.flushHeaders();
    const writer = createChunkWriter(response);
    await writeAll(writer, initial.chunks, ending.signal);
    await pump(parts, request, plan, watch, writer, ending.signal);
  } catch (error) {
    if (isStoreError(error, 'Expired')) parts.metrics.watcherCut(labelsOf(request));
    response.write(plan.frames.error(statusOf(watchError(error, request), parts.logger)));
  } finally {
    cancelTimeout();
    exchange.signal.removeEventListener('abort', abort);
    watch.close();
    response.end();
  }
}

function watchError(error: unknown, request: ResourceRequest): unknown {
  if (isStoreError(error, 'Expired')) return expired(`too old resource version: ${error.message}`);
  return fromStore(error, request.definition, '');
}

function planWatch(parts: ServerParts, request: ResourceRequest): WatchPlan {
  const { exchange, definition, info } = request;
  const { query } = exchange;
  const selection = parseSelection(definition, query);
  const named = info.name !== '' ? info.name : selection.name;
  const isOneObject = named !== undefined && (info.namespace !== '' || !definition.namespaced);
  const prefix = isOneObject
    ? storageKey(definition, info.namespace, named)
    : storagePrefixOf(definition, info.namespace);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const version = parseResourceVersion(query.get('resourceVersion'));
  const frames = createFrames(formOf(exchange, true), request, () => parts.clock.now());
  const base = { selection, prefix, frames, bookmarks, timeoutMs: timeoutOf(query) };
  const sendInitial = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (sendInitial !== null) {
    if (match !== 'NotOlderThan')
      throw invalidOptions(
        'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      );
    if (isTrue(sendInitial)) {
      const presentState = version === undefined ? 'latest' : version === 0 ? 'cache' : { atLeast: version };
      return { ...base, fromRevision: undefined, presentState, marksInitialEnd: bookmarks };
    }
  } else if (match !== '')
    throw invalidOptions(
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  if (version !== undefined && version > 0)
    return { ...base, fromRevision: version, presentState: 'none', marksInitialEnd: false };
  if (sendInitial !== null) return { ...base, fromRevision: undefined, presentState: 'none', marksInitialEnd: false };
  return { ...base, fromRevision: undefined, presentState: version === 0 ? 'cache' : 'latest', marksInitialEnd: false };
}

function isTrue(text: string | null): boolean {
  return text === 'true' || text === '1';
}

function timeoutOf(query: URLSearchParams): number {
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  // Spread over half an hour to an hour as upstream does, so that watches of one restart do not all return together.
  return seconds > 0 ? seconds * 1000 : shortestDefaultTimeoutMs * (1 + Math.random());
}

async function readInitial(
  parts: ServerParts,
  request: ResourceRequest,
  plan: WatchPlan,
): Promise<{ revision: number; chunks: Chunk[] }> {
  const { presentState, selection, frames } = plan;
  if (presentState === 'none')
    return { revision: plan.fromRevision ?? (await parts.store.currentRevision()), chunks: [] };
  const { items, revision } = await readPresent(parts, request, plan, presentState);
  const matching = selection.isEverything ? items : items.filter((item) => selection.matches(item.peek()));
  const events = matching.flatMap((item) => frames.event('ADDED', item));
  if (plan.marksInitialEnd) events.push(frames.bookmark(revision, true));
  return { revision, chunks: joinParts(events) };
}

async function readPresent(
  parts: ServerParts,
  request: ResourceRequest,
  plan: WatchPlan,
  consistency: 'cache' | 'latest' | { readonly atLeast: number },
): Promise<{ items: readonly StoredObject[]; revision: number }> {
  if (plan.prefix.endsWith('/'))
    return parts.store.list(plan.prefix, { consistency, nodeName: plan.selection.nodeName });
  // One object: the list of its namespace gives the revision that it is consistent with.
  const { namespace } = request.info;
  const { items, revision } = await parts.store.list(storagePrefixOf(request.definition, namespace), { consistency });
  return { items: items.filter((item) => item.key === plan.prefix), revision };
}

async function pump(
  parts: ServerParts,
  request: ResourceRequest,
  plan: WatchPlan,
  watch: StoreWatch,
  writer: ChunkWriter,
  signal: AbortSignal,
): Promise<void> {
  let sent = 0;
  const labels = labelsOf(request);
  const bookmark = (): void => {
    const revision = watch.progress();
    if (plan.bookmarks && revision > sent && !writer.needsDrain) {
      sent = revision;
      writer.write(createChunk([plan.frames.bookmark(revision, false)]));
    }
    cancel = parts.clock.setTimeout(bookmark, bookmarkEveryMs);
  };
  let cancel = parts.clock.setTimeout(bookmark, bookmarkEveryMs);
  try {
    for await (const batch of watch) {
      sent = batch.at(-1)?.revision ?? sent;
      const chunks = plan.selection.isEverything
        ? chunksOfBatch(plan.frames, plan.prefix, batch)
        : joinParts(batch.flatMap((event) => partsOf(plan, event)));
      if (chunks.length > 0) parts.metrics.watchEvents(labels, batch.length);
      await writeAll(writer, chunks, signal);
    }
  } finally {
    cancel();
  }
}

function labelsOf({ definition: { group, version, plural } }: ResourceRequest): WatchLabels {
  return { group, version, resource: plural };
}

/** What a watcher with a selector is told of a change: objects enter and leave its view. */
function partsOf({ selection, frames }: WatchPlan, event: StoreEvent): readonly Uint8Array[] {
  const was = event.previous !== undefined && selection.matches(event.previous.peek());
  if (event.type === 'DELETED')
    return was || selection.matches(event.object.peek()) ? frames.event('DELETED', event.object) : [];
  const is = selection.matches(event.object.peek());
  if (is) return frames.event(was ? 'MODIFIED' : 'ADDED', event.object);
  return was && event.previous !== undefined ? [frames.left(event.previous, event.revision)] : [];
}

/** Writes with back-pressure: waits when the peer does not keep up. */
async function writeAll(writer: ChunkWriter, chunks: readonly Chunk[], signal: AbortSignal): Promise<void> {
  for (const chunk of chunks) {
    if (signal.aborted) return;
    if (!writer.write(chunk)) await writer.drained(signal);
  }
}
