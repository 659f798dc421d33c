// The bytes of watch events. Plain frames are made once per stored change and shared by all its watchers;
// tables and metadata are made per watcher.
import type { Status } from '../../../api/meta/status.ts';
import { encodeProtobuf, encodeWatchFrame } from '../../../api/schema/protobuf/index.ts';
import type { StoredObject } from '../../store/contract.ts';
import type { Negotiated } from '../http/negotiate.ts';
import { apiVersionOf } from '../served/served-resources.ts';
import { includeObjectOf, projectObject, tableOf, tableRow } from './projection.ts';
import type { ResourceRequest } from './resource-request.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Makes the events of one watch. */
export interface Frames {
  readonly contentType: string;
  /** An event; frames of the same `shareBy` (the store's event) are made once for all watchers. */
  event(type: EventType, object: StoredObject, shareBy?: object): Buffer;
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
/** Frames of the latest changes: watchers ask within moments, while the store keeps its history for long. */
const shared = new Map<object, Buffer>();
const keptFrames = 256;
const chunkBytes = 256 * 1024;

function keepFrame(event: object, frame: Buffer): void {
  shared.set(event, frame);
  const oldest = shared.size > keptFrames ? shared.keys().next().value : undefined;
  if (oldest !== undefined) shared.delete(oldest);
}

function plainFrame(type: EventType, bytes: Uint8Array): Buffer {
  return Buffer.concat([heads[type], bytes, tail]);
}

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
      error,
      event(type, object, shareBy) {
        if (shareBy === undefined) return plainFrame(type, object.bytes);
        let frame = shared.get(shareBy);
        if (frame === undefined) keepFrame(shareBy, (frame = plainFrame(type, object.bytes)));
        return frame;
      },
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
    error,
    event: (type, object) => jsonFrame(type, project(object.peek())),
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
    event: (type, object) => frame(type, object.peek()),
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

/** Joins frames into writes of bounded size, so that a burst is a few socket writes. */
export function joinFrames(frames: readonly Buffer[]): Buffer[] {
  if (frames.length <= 1) return [...frames];
  const chunks: Buffer[] = [];
  let from = 0;
  let size = 0;
  for (let i = 0; i < frames.length; i++) {
    size += frames[i]?.length ?? 0;
    if (size >= chunkBytes || i === frames.length - 1) {
      chunks.push(Buffer.concat(frames.slice(from, i + 1), size));
      from = i + 1;
      size = 0;
    }
  }
  return chunks;
}
