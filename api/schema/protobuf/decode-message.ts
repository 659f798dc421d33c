// Protobuf to JSON values, field by field as messages.data.ts says. What a Go client would leave out of JSON (zeros
// without presence, empty times) is left out here too, so that both encodings of an object give the same object.
import { decodeSpecial, specialMessages } from './special-messages.ts';
import { isScalar, type Message, type MessageField, messageOf, type ScalarType } from './messages.ts';
import { MalformedProtobuf, WireReader, wireType } from './wire.ts';

type JsonObject = Record<string, unknown>;

const maxDepth = 100;

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function readScalar(reader: WireReader, type: ScalarType): unknown {
  if (type === 'string') return reader.string();
  if (type === 'bool') return reader.unsigned() !== 0;
  if (type === 'bytes') return toBase64(reader.bytes());
  if (type === 'double') return reader.double();
  return type === 'uint32' || type === 'uint64' ? reader.unsigned() : reader.signed();
}

function zeroOf(type: ScalarType): unknown {
  if (type === 'string' || type === 'bytes') return '';
  return type === 'bool' ? false : 0;
}

function readValue(reader: WireReader, type: string, depth: number): unknown {
  if (isScalar(type)) return readScalar(reader, type);
  const bytes = reader.bytes();
  const special = specialMessages[type];
  return special === undefined ? decodeMessage(messageOf(type), bytes, depth + 1) : decodeSpecial(special, bytes);
}

/** One entry of a map: key in field 1, value in field 2. */
function readEntry(bytes: Uint8Array, type: string, depth: number): [string, unknown] {
  const reader = new WireReader(bytes);
  let key = '';
  let value: unknown = isScalar(type) ? zeroOf(type) : specialMessages[type] === undefined ? {} : null;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag.field === 1) key = reader.string();
    else if (tag.field === 2) value = readValue(reader, type, depth);
    else reader.skip(tag.type);
  }
  return [key, value];
}

function expectedWireType({ kind, type }: MessageField): number {
  if (kind === 'map' || !isScalar(type) || type === 'string' || type === 'bytes') return wireType.bytes;
  return type === 'double' ? wireType.fixed64 : wireType.varint;
}

function put(object: JsonObject, name: string, value: unknown): void {
  // A field named __proto__ must become a field, never the prototype.
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function readField(reader: WireReader, field: MessageField, object: JsonObject, depth: number): void {
  const { name, kind, type } = field;
  if (kind === 'map') {
    const [key, value] = readEntry(reader.bytes(), type, depth);
    const map = (object[name] ??= {}) as JsonObject;
    put(map, key, value);
  } else if (kind === 'list') {
    ((object[name] ??= []) as unknown[]).push(readValue(reader, type, depth));
  } else {
    const value = readValue(reader, type, depth);
    if (field.inline) Object.assign(object, value);
    else if (isScalar(type) && field.presence === 'implicit' && value === zeroOf(type)) delete object[name];
    else if (value !== null || type === 'apiextensions.v1.JSON') object[name] = value;
  }
}

function unwrap(message: Message, object: JsonObject): unknown {
  // Three unions of JSONSchemaProps, whose JSON is the member itself.
  if (message.name === 'apiextensions.v1.JSONSchemaPropsOrBool') return object['schema'] ?? object['allows'] ?? false;
  if (message.name === 'apiextensions.v1.JSONSchemaPropsOrArray')
    return object['schema'] ?? object['jSONSchemas'] ?? [];
  if (message.name === 'apiextensions.v1.JSONSchemaPropsOrStringArray')
    return object['schema'] ?? object['property'] ?? [];
  return object;
}

/** The JSON value of a message's bytes. Throws MalformedProtobuf. */
export function decodeMessage(message: Message, bytes: Uint8Array, depth = 0): unknown {
  if (depth > maxDepth) throw new MalformedProtobuf(`messages are nested deeper than ${maxDepth}`);
  const object: JsonObject = {};
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const tag = reader.tag();
    const field = message.byNumber.get(tag.field);
    if (field === undefined) reader.skip(tag.type);
    else if (tag.type !== expectedWireType(field))
      throw new MalformedProtobuf(`${message.name}.${field.name} has wire type ${tag.type}`);
    else readField(reader, field, object, depth);
  }
  return unwrap(message, object);
}
