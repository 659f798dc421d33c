// etcd's own records in the bucket `key`: 17 bytes of revision (18 with the mark of a deletion) lead to an mvccpb.KeyValue.
// Source: etcd mvcc/revision.go, mvcc/kvstore.go, mvcc/mvccpb/kv.proto.
import { BoltError } from './bolt-format.ts';

export interface Revision {
  readonly main: number;
  readonly isDeletion: boolean;
}

const revisionBytes = 17;
const deletionMark = 0x74; // 't'

/** Reads a key of the bucket `key`. */
export function readRevision(key: Buffer): Revision {
  const isDeletion = key.length === revisionBytes + 1 && key[revisionBytes] === deletionMark;
  if (key.length !== revisionBytes && !isDeletion) throw new BoltError('a record has no revision for its key');
  return { main: Number(key.readBigUInt64BE(0)), isDeletion };
}

/** A revision as etcd writes it, for the marks in the bucket `meta`. */
export function formatRevision(main: number): Buffer {
  const bytes = Buffer.alloc(revisionBytes);
  bytes.writeBigUInt64BE(BigInt(main), 0);
  bytes[8] = 0x5f; // '_'
  return bytes;
}

export interface StoredKeyValue {
  readonly key: Buffer;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly value: Buffer;
}

/** Decodes an mvccpb.KeyValue. */
export function readStoredKeyValue(bytes: Buffer): StoredKeyValue {
  const numbers: number[] = [];
  let key = Buffer.alloc(0);
  let value = Buffer.alloc(0);
  let at = 0;
  const varint = (): number => {
    let result = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new BoltError('a record is cut');
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = tag >>> 3;
    if ((tag & 7) === 0) numbers[field] = varint();
    else if ((tag & 7) === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new BoltError('a record is cut');
      const part = bytes.subarray(at, at + length);
      if (field === 1) key = Buffer.from(part);
      else if (field === 5) value = Buffer.from(part);
      at += length;
    } else throw new BoltError('a record has a field that etcd never writes');
  }
  return { key, value, createRevision: numbers[2] ?? 0, modRevision: numbers[3] ?? 0 };
}
