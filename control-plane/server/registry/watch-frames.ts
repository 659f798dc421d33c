// The bytes of watch events. A plain event is the stored bytes between a head and a tail; tables and metadata are made
// per watcher. What happened between two looks is joined into chunks, once for all watchers of the same objects.
import type { Status } from '../../../api/meta/status.ts';
import { encodeProtobuf, encodeWatchFrame } from '../../../api/schema/protobuf/index.ts';
import type { StoredObject, StoreEvent } from '../../store/contract.ts';
import { createChunk, type Chunk } from '../http/chunks.ts';
import type { Negotiated } from '../http/negotiate.ts';
import { apiVersionOf } from '../served/served-resources.ts';
import { includeObjectOf, projectObject, tableOf, tableRow } from './projection.ts';
import type { ResourceRequest } from './resource-request.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Makes the events of one watch. */
export interface Frames {
  readonly contentType: string;
  /** Whether a frame is bytes behind their length (big-endian, 4 bytes) and not a line of JSON. */
  readonly isBinary: boolean;
  /** Watches of equal `form` get equal bytes for equal events; undefined: what it makes is for one watch alone. */
  readonly form: string | undefined;
  /** The bytes of an event, as parts to be joined. */
  event(type: EventType, object: StoredObject): readonly Uint8Array[];
  /** The object has left the selection at that revision: DELETED with its last matching state. */
  left(previous: StoredObject, revision: number): Buffer;
  bookmark(revision: number, isInitialEnd: boolean): Buffer;
  error(status: Status): Buffer;
}

const heads: Readonly<Record<EventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const tail = Buffer.from('}\n');
const chunkBytes = 256 * 1024;

function jsonFrame(type: string, object: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

/** Frames in the negotiated form. */
export function createFrames(form: Negotiated, request: ResourceRequest, now: () => number): Frames {
  const { definition } = request;
  const apiVersion = apiVersionOf(definition);
  const initialEnd = { 'k8s.io/initial-events-end': 'true' };
  const error = (status: Status): Buffer => jsonFrame('ERROR', status);
  if (form.projection === 'none' && form.encoding !== 'protobuf') {
    return {
      contentType: 'application/json',
      isBinary: false,
      form: 'json',
      error,
      event: (type, object) => [heads[type], object.bytes, tail],
      left(previous, revision) {
        return jsonFrame('DELETED', atRevision(previous, revision));
      },
      bookmark(revision, isInitialEnd) {
        const annotations = isInitialEnd ? initialEnd : undefined;
        return jsonFrame('BOOKMARK', {
          kind: definition.kind,
          apiVersion,
          metadata: { resourceVersion: String(revision), creationTimestamp: null, annotations },
        });
      },
    };
  }
  if (form.encoding === 'protobuf') return protobufFrames(form, definition.kind, apiVersion);
  const include = includeObjectOf(request.exchange.query);
  let isFirst = true;
  const project = (object: ReturnType<StoredObject['peek']>): unknown => {
    if (form.projection === 'metadata') return projectObject(object);
    const row = tableRow(definition, object, include, now());
    const table = tableOf(definition, { resourceVersion: object.metadata.resourceVersion }, [row], isFirst);
    isFirst = false;
    return table;
  };
  return {
    contentType: 'application/json',
    isBinary: false,
    form: undefined,
    error,
    event: (type, object) => [jsonFrame(type, project(object.peek()))],
    left: (previous, revision) => jsonFrame('DELETED', project(atRevision(previous, revision))),
    bookmark(revision, isInitialEnd) {
      const metadata = { resourceVersion: String(revision), annotations: isInitialEnd ? initialEnd : undefined };
      if (form.projection === 'metadata')
        return jsonFrame('BOOKMARK', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata });
      const rows = isInitialEnd
        ? [
            {
              cells: definition.columns.map(() => ''),
              object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
            },
          ]
        : [];
      return jsonFrame('BOOKMARK', tableOf(definition, { resourceVersion: String(revision) }, rows, false));
    },
  };
}

function protobufFrames(form: Negotiated, kind: string, apiVersion: string): Frames {
  const frame = (type: string, object: object): Buffer =>
    Buffer.from(encodeWatchFrame(type, encodeProtobuf(object as Record<string, unknown>)));
  return {
    contentType: form.contentType,
    isBinary: true,
    form: 'protobuf',
    event: (type, object) => [frame(type, object.peek())],
    left: (previous, revision) => frame('DELETED', atRevision(previous, revision)),
    error: (status) => frame('ERROR', status),
    bookmark(revision, isInitialEnd) {
      const annotations = isInitialEnd ? { 'k8s.io/initial-events-end': 'true' } : undefined;
      return frame('BOOKMARK', { kind, apiVersion, metadata: { resourceVersion: String(revision), annotations } });
    },
  };
}

function atRevision(stored: StoredObject, revision: number): ReturnType<StoredObject['parse']> {
  const object = stored.parse();
  object.metadata.resourceVersion = String(revision);
  return object;
}

/** Joins parts into chunks of bounded size, so that a burst is a few socket writes. */
export function joinParts(parts: readonly Uint8Array[]): Chunk[] {
  const chunks: Chunk[] = [];
  let from = 0;
  let size = 0;
  for (let i = 0; i < parts.length; i++) {
    size += parts[i]?.length ?? 0;
    if (size < chunkBytes && i < parts.length - 1) continue;
    chunks.push(createChunk(from === 0 && i === parts.length - 1 ? parts : parts.slice(from, i + 1)));
    from = i + 1;
    size = 0;
  }
  return chunks;
}

interface Batch {
  readonly first: StoreEvent;
  readonly last: StoreEvent;
  readonly count: number;
  readonly chunks: readonly Chunk[];
}

/** The latest batch of each set of objects: its watchers come for it within one turn. */
const latest = new Map<string, Batch>();
const keptBatches = 64;

/**
 * The chunks of a batch that a watch of everything under `prefix` got. Watches of one prefix see the same events in the
 * same order, so batches that begin and end alike and are as long are the same.
 */
export function chunksOfBatch(frames: Frames, prefix: string, events: readonly StoreEvent[]): readonly Chunk[] {
  const first = events[0];
  const last = events.at(-1);
  if (first === undefined || last === undefined) return [];
  const key = `${frames.form ?? ''} ${prefix}`;
  const known = frames.form === undefined ? undefined : latest.get(key);
  if (known?.first === first && known.last === last && known.count === events.length) return known.chunks;
  const chunks = joinParts(events.flatMap((event) => frames.event(event.type, event.object)));
  if (frames.form === undefined) return chunks;
  latest.delete(key);
  latest.set(key, { first, last, count: events.length, chunks });
  const oldest = latest.size > keptBatches ? latest.keys().next().value : undefined;
  if (oldest !== undefined) latest.delete(oldest);
  return chunks;
}
