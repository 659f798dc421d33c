// etcd's messages (etcd 3.4, rpc.proto and kv.proto) in the fields that we use. Field numbers are etcd's; requests are
// written last field first, as MessageWriter wants it.
import { MessageReader, MessageWriter } from './wire.ts';

export interface EtcdKeyValue {
  readonly key: string;
  readonly value: Buffer;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface RangeRequest {
  readonly key: string;
  /** Exclusive end; `prefixEnd(key)` ranges over a prefix. Absent: the one key. */
  readonly end?: string;
  readonly limit?: number;
  readonly revision?: number;
  readonly countOnly?: boolean;
  /** From the member's own state. Default: only at a given revision, where every member answers the same. */
  readonly serializable?: boolean;
}

export interface RangeResult {
  /** The store's revision when it answered. */
  readonly revision: number;
  readonly items: readonly EtcdKeyValue[];
  readonly count: number;
  readonly more: boolean;
}

/** A write that lands only when every guard's key is at that mod revision (0: absent). */
export interface GuardedWrite {
  readonly guards: readonly { readonly key: string; readonly modRevision: number }[];
  readonly write: { readonly put: string; readonly value: Buffer } | { readonly delete: string };
  /** Keys to read back when a guard fails. */
  readonly otherwiseRead: readonly string[];
}

export type GuardedResult =
  | { readonly landed: true; readonly revision: number; readonly previous: EtcdKeyValue | undefined }
  | { readonly landed: false; readonly revision: number; readonly found: readonly (EtcdKeyValue | undefined)[] };

/** One change of a key; `value` is absent for a deletion. */
export interface EtcdEvent {
  readonly key: string;
  readonly value: Buffer | undefined;
  readonly revision: number;
}

export interface WatchResponse {
  readonly created: boolean;
  readonly canceled: boolean;
  /** The revision up to which history is gone; 0 when that is not why the watch ended. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly events: readonly EtcdEvent[];
}

export const nothing: Buffer = Buffer.alloc(0);

export function encodeRange({ key, end, limit, revision, countOnly, serializable }: RangeRequest): Buffer {
  const writer = new MessageWriter(key.length + (end?.length ?? 0));
  writer.number(9, countOnly);
  writer.number(7, serializable ?? revision !== undefined);
  writer.number(4, revision);
  writer.number(3, limit);
  writer.bytes(2, end);
  writer.bytes(1, key);
  return writer.finish();
}

export function decodeRange(message: Buffer): RangeResult {
  return rangeOf(new MessageReader(message));
}

function rangeOf(reader: MessageReader): RangeResult {
  const items: EtcdKeyValue[] = [];
  let revision = 0;
  let count = 0;
  let more = false;
  while (reader.next()) {
    if (reader.field === 1) revision = revisionOf(reader.message());
    else if (reader.field === 2) items.push(keyValueOf(reader.message()));
    else if (reader.field === 3) more = reader.number() !== 0;
    else if (reader.field === 4) count = reader.number();
  }
  return { revision, items, count, more };
}

function revisionOf(header: MessageReader): number {
  while (header.next()) if (header.field === 3) return header.number();
  return 0;
}

function keyValueOf(reader: MessageReader): EtcdKeyValue {
  let key = '';
  let value = nothing;
  let createRevision = 0;
  let modRevision = 0;
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) createRevision = reader.number();
    else if (reader.field === 3) modRevision = reader.number();
    else if (reader.field === 5) value = reader.bytes();
  }
  return { key, value, createRevision, modRevision };
}

const compareMod = 2;

export function encodeGuardedWrite({ guards, write, otherwiseRead }: GuardedWrite): Buffer {
  const size = 'put' in write ? write.put.length + write.value.length : write.delete.length;
  const writer = new MessageWriter(size + 64 + guards.length * 96 + otherwiseRead.length * 96);
  for (const key of otherwiseRead.toReversed()) {
    writer.message(3, () => writer.message(1, () => writer.bytes(1, key)));
  }
  writer.message(2, () => {
    if ('put' in write) {
      writer.message(2, () => {
        writer.bytes(2, write.value);
        writer.bytes(1, write.put);
      });
    } else {
      writer.message(3, () => {
        writer.number(3, true); // the previous state comes back with the answer
        writer.bytes(1, write.delete);
      });
    }
  });
  for (const { key, modRevision } of guards.toReversed()) {
    writer.message(1, () => {
      writer.number(6, modRevision);
      writer.bytes(3, key);
      writer.number(2, compareMod);
    });
  }
  return writer.finish();
}

export function decodeGuardedWrite(message: Buffer): GuardedResult {
  const reader = new MessageReader(message);
  const found: (EtcdKeyValue | undefined)[] = [];
  let revision = 0;
  let landed = false;
  let previous: EtcdKeyValue | undefined;
  while (reader.next()) {
    if (reader.field === 1) revision = revisionOf(reader.message());
    else if (reader.field === 2) landed = reader.number() !== 0;
    else if (reader.field === 3) {
      const operation = reader.message();
      while (operation.next()) {
        if (operation.field === 1) found.push(rangeOf(operation.message()).items[0]);
        else if (operation.field === 3) previous = deletedOf(operation.message());
      }
    }
  }
  return landed ? { landed, revision, previous } : { landed, revision, found };
}

function deletedOf(reader: MessageReader): EtcdKeyValue | undefined {
  while (reader.next()) if (reader.field === 3) return keyValueOf(reader.message());
  return undefined;
}

export function encodeDeleteRange(key: string, end: string): Buffer {
  const writer = new MessageWriter(key.length + end.length);
  writer.bytes(2, end);
  writer.bytes(1, key);
  return writer.finish();
}

/** How many keys were deleted. */
export function decodeDeleted(message: Buffer): number {
  const reader = new MessageReader(message);
  while (reader.next()) if (reader.field === 2) return reader.number();
  return 0;
}

export function encodeCompaction(revision: number): Buffer {
  const writer = new MessageWriter();
  writer.number(1, revision);
  return writer.finish();
}

/** A watch of every key from a revision on. */
export function encodeWatchEverything(startRevision: number): Buffer {
  const writer = new MessageWriter();
  writer.message(1, () => {
    writer.number(3, startRevision);
    writer.bytes(2, '\0');
    writer.bytes(1, '\0');
  });
  return writer.finish();
}

export function decodeWatch(message: Buffer): WatchResponse {
  const reader = new MessageReader(message);
  const events: EtcdEvent[] = [];
  let created = false;
  let canceled = false;
  let compactRevision = 0;
  let cancelReason = '';
  while (reader.next()) {
    if (reader.field === 3) created = reader.number() !== 0;
    else if (reader.field === 4) canceled = reader.number() !== 0;
    else if (reader.field === 5) compactRevision = reader.number();
    else if (reader.field === 6) cancelReason = reader.text();
    else if (reader.field === 11) events.push(eventOf(reader.message()));
  }
  return { created, canceled, compactRevision, cancelReason, events };
}

const deleted = 1;

function eventOf(reader: MessageReader): EtcdEvent {
  let type = 0;
  let item: EtcdKeyValue | undefined;
  while (reader.next()) {
    if (reader.field === 1) type = reader.number();
    else if (reader.field === 2) item = keyValueOf(reader.message());
  }
  return { key: item?.key ?? '', value: type === deleted ? undefined : item?.value, revision: item?.modRevision ?? 0 };
}
