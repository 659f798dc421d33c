// `application/vnd.kubernetes.protobuf`: objects as the bytes `k8s\0` followed by a runtime.Unknown that names the kind
// and holds its message. Custom resources have no messages and no such encoding.
import { decodeMessage } from './decode-message.ts';
import { encodeMessage } from './encode-message.ts';
import { findMessage, messageNameOf, messageOf } from './messages.ts';
import { MalformedProtobuf, WireReader, wireType, WireWriter } from './wire.ts';

export { MalformedProtobuf } from './wire.ts';

/** The four bytes before every object. */
const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/** An object with its kind; what the envelope's type says is put into the value. */
interface TypedValue {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly [field: string]: unknown;
}

/** Whether this kind can be written as protobuf. */
export function hasProtobuf(apiVersion: string, kind: string): boolean {
  return messageNameOf(apiVersion, kind) !== undefined;
}

/** Whether these bytes begin as protobuf objects do. */
export function isProtobuf(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** The envelope's kind and the message inside it. */
function readEnvelope(bytes: Uint8Array): { apiVersion: string; kind: string; raw: Uint8Array } {
  const envelope = { apiVersion: '', kind: '', raw: new Uint8Array() as Uint8Array };
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { field, type } = reader.tag();
    if (type !== wireType.bytes) reader.skip(type);
    else if (field === 1) Object.assign(envelope, decodeMessage(messageOf('runtime.TypeMeta'), reader.bytes()));
    else if (field === 2) envelope.raw = reader.bytes();
    else reader.skip(type);
  }
  return envelope;
}

/** The JSON value of an object's bytes, with its apiVersion and kind. Throws MalformedProtobuf. */
export function decodeProtobuf(bytes: Uint8Array): Record<string, unknown> {
  if (!isProtobuf(bytes)) throw new MalformedProtobuf('the bytes k8s\\0 are not at the beginning');
  const { apiVersion, kind, raw } = readEnvelope(bytes.subarray(magic.length));
  const name = messageNameOf(apiVersion, kind);
  if (name === undefined) {
    throw new MalformedProtobuf(`${kind} of ${apiVersion || 'no version'} has no protobuf encoding`);
  }
  return { apiVersion, kind, ...(decodeMessage(messageOf(name), raw) as Record<string, unknown>) };
}

/** The bytes of an object that names its apiVersion and kind. Throws where the kind has no messages. */
export function encodeProtobuf(value: TypedValue): Uint8Array {
  const apiVersion = String(value.apiVersion ?? '');
  const kind = String(value.kind ?? '');
  const message = findMessage(messageNameOf(apiVersion, kind) ?? '');
  if (message === undefined) throw new MalformedProtobuf(`${kind} of ${apiVersion} has no protobuf encoding`);
  const typeMeta = new WireWriter();
  typeMeta.string(1, apiVersion);
  typeMeta.string(2, kind);
  const writer = new WireWriter();
  writer.raw(magic);
  writer.bytes(1, typeMeta.finish());
  writer.bytes(2, encodeMessage(message, value));
  writer.string(3, '');
  writer.string(4, '');
  return writer.finish();
}

/** One frame of a watch: four bytes of length (big-endian), then a meta/v1 WatchEvent around the object's bytes. */
export function encodeWatchFrame(type: string, object: Uint8Array): Uint8Array {
  const raw = new WireWriter();
  raw.bytes(1, object);
  const event = new WireWriter();
  event.string(1, type);
  event.bytes(2, raw.finish());
  const payload = event.finish();
  const frame = new Uint8Array(4 + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length);
  frame.set(payload, 4);
  return frame;
}
