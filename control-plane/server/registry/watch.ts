// Answers WATCH. Every watcher of the same change gets the same bytes; a watcher that does not read is cut by the store.
// Initial state, bookmarks, selectors (entering and leaving), tables and the end of time all happen here.
import { isStoreError } from '../../store/errors.ts';
import type { StoredObject, StoreEvent, StoreWatch } from '../../store/contract.ts';
import { formOf } from '../http/answer.ts';
import type { NodeResponse } from '../http/exchange.ts';
import { statusOf } from '../http/answer.ts';
import type { ServerParts } from '../parts.ts';
import { expired, fromStore, invalidOptions } from './errors.ts';
import { storageKey, storagePrefixOf } from './reader.ts';
import type { ResourceRequest } from './resource-request.ts';
import { parseSelection, type Selection } from './selection.ts';
import { parseResourceVersion } from './versions.ts';
import { createFrames, joinFrames, type Frames } from './watch-frames.ts';

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
  const response = exchange.stream(200, plan.frames.contentType);
  try {
    if ('flushHeaders' in response) response.flushHeaders();
    for (const chunk of initial.chunks) await write(response, chunk, ending.signal);
    await pump(parts, plan, watch, response, ending.signal);
  } catch (error) {
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
): Promise<{ revision: number; chunks: Buffer[] }> {
  const { presentState, selection, frames } = plan;
  if (presentState === 'none')
    return { revision: plan.fromRevision ?? (await parts.store.currentRevision()), chunks: [] };
  const { items, revision } = await readPresent(parts, request, plan, presentState);
  const matching = selection.isEverything ? items : items.filter((item) => selection.matches(item.peek()));
  const events = matching.map((item) => frames.event('ADDED', item));
  if (plan.marksInitialEnd) events.push(frames.bookmark(revision, true));
  return { revision, chunks: joinFrames(events) };
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
  plan: WatchPlan,
  watch: StoreWatch,
  response: NodeResponse,
  signal: AbortSignal,
): Promise<void> {
  let sent = 0;
  const bookmark = (): void => {
    const revision = watch.progress();
    if (plan.bookmarks && revision > sent && !response.writableNeedDrain) {
      sent = revision;
      response.write(plan.frames.bookmark(revision, false));
    }
    cancel = parts.clock.setTimeout(bookmark, bookmarkEveryMs);
  };
  let cancel = parts.clock.setTimeout(bookmark, bookmarkEveryMs);
  try {
    for await (const batch of watch) {
      const events: Buffer[] = [];
      for (const event of batch) {
        const frame = frameOf(plan, event);
        if (frame !== undefined) events.push(frame);
        sent = event.revision;
      }
      for (const chunk of joinFrames(events)) await write(response, chunk, signal);
    }
  } finally {
    cancel();
  }
}

/** What this watcher is told of a change: with a selector, objects enter and leave its view. */
function frameOf(plan: WatchPlan, event: StoreEvent): Buffer | undefined {
  const { selection, frames } = plan;
  if (selection.isEverything) return frames.event(event.type, event.object, event);
  const was = event.previous !== undefined && selection.matches(event.previous.peek());
  if (event.type === 'DELETED')
    return was || selection.matches(event.object.peek()) ? frames.event('DELETED', event.object, event) : undefined;
  const is = selection.matches(event.object.peek());
  if (is) return frames.event(was ? 'MODIFIED' : 'ADDED', event.object);
  if (!was || event.previous === undefined) return undefined;
  return frames.left(event.previous, event.revision);
}

/** Writes with back-pressure: waits for the socket when its buffer is full. */
async function write(response: NodeResponse, chunk: Buffer, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
