// JSON values to protobuf, field by field as messages.data.ts says. Fields that no message knows are left out.
import { specialMessages } from './special-messages.ts';
import { isScalar, type Message, messageOf, type ScalarType } from './messages.ts';
import { WireWriter } from './wire.ts';

type JsonObject = Readonly<Record<string, unknown>>;

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function writeScalar(writer: WireWriter, number: number, type: ScalarType, value: unknown): void {
  if (type === 'string') writer.string(number, String(value));
  else if (type === 'bytes') writer.bytes(number, fromBase64(String(value)));
  else if (type === 'bool') writer.varint(number, value === true ? 1 : 0);
  else if (type === 'double') writer.double(number, Number(value));
  else writer.varint(number, Number(value));
}

function bytesOf(type: string, value: unknown): Uint8Array {
  const special = specialMessages[type];
  return special === undefined ? encodeMessage(messageOf(type), value) : special.encode(value);
}

function writeValue(writer: WireWriter, number: number, type: string, value: unknown): void {
  if (isScalar(type)) writeScalar(writer, number, type, value);
  else writer.bytes(number, bytesOf(type, value));
}

function writeMap(writer: WireWriter, number: number, type: string, map: JsonObject): void {
  for (const key of Object.keys(map).sort()) {
    const entry = new WireWriter();
    entry.string(1, key);
    writeValue(entry, 2, type, map[key]);
    writer.bytes(number, entry.finish());
  }
}

/** Puts the JSON of a union of JSONSchemaProps under the member that it is; other values stay as they are. */
function wrap(message: Message, value: unknown): JsonObject {
  if (message.name === 'apiextensions.v1.JSONSchemaPropsOrBool') {
    return typeof value === 'boolean' ? { allows: value } : { allows: true, schema: value };
  }
  if (message.name === 'apiextensions.v1.JSONSchemaPropsOrArray')
    return Array.isArray(value) ? { jSONSchemas: value } : { schema: value };
  if (message.name === 'apiextensions.v1.JSONSchemaPropsOrStringArray')
    return Array.isArray(value) ? { property: value } : { schema: value };
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

/** The bytes of a message for its JSON value. */
export function encodeMessage(message: Message, value: unknown): Uint8Array {
  const object = wrap(message, value);
  const writer = new WireWriter();
  for (const { name, number, kind, type, inline } of message.fields) {
    const field = inline ? object : object[name];
    if (field === undefined || (field === null && type !== 'apiextensions.v1.JSON')) continue;
    if (kind === 'list') for (const item of field as readonly unknown[]) writeValue(writer, number, type, item);
    else if (kind === 'map') writeMap(writer, number, type, field as JsonObject);
    else writeValue(writer, number, type, field);
  }
  return writer.finish();
}
