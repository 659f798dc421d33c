// Messages whose JSON is not an object with their fields: quantities, times, int-or-strings, raw JSON and the wrappers
// of lists. Everything else follows messages.data.ts.
import { type WireReader, WireReader as Reader, WireWriter, MalformedProtobuf } from './wire.ts';

/** How one special message is read from and written to its JSON value. */
export interface SpecialMessage {
  decode(reader: WireReader): unknown;
  encode(value: unknown): Uint8Array;
}

const textDecoder = new TextDecoder();
const textEncoder = new TextEncoder();

/** Calls `take` for every field of the message; what it does not take is skipped. */
function eachField(reader: WireReader, take: (field: number) => boolean): void {
  while (!reader.done) {
    const { field, type } = reader.tag();
    if (!take(field)) reader.skip(type);
  }
}

/** Message with one string in field 1, whose JSON is that string. */
const text: SpecialMessage = {
  decode(reader) {
    let value = '';
    eachField(reader, (field) => {
      if (field === 1) value = reader.string();
      return field === 1;
    });
    return value;
  },
  encode(value) {
    const writer = new WireWriter();
    writer.string(1, String(value));
    return writer.finish();
  },
};

/** Seconds and nanoseconds; JSON is RFC 3339 with this many digits of a second. The zero time is null. */
function timeWith(digits: 0 | 6): SpecialMessage {
  return {
    decode(reader) {
      let seconds: number | undefined;
      let nanos = 0;
      eachField(reader, (field) => {
        if (field === 1) seconds = reader.signed();
        else if (field === 2) nanos = reader.signed();
        return field === 1 || field === 2;
      });
      if (seconds === undefined) return null;
      const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
      return digits === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
    },
    encode(value) {
      const writer = new WireWriter();
      if (typeof value !== 'string') return writer.finish();
      const ms = Date.parse(value);
      if (Number.isNaN(ms)) throw new MalformedProtobuf(`${value} is not a time`);
      const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
      writer.varint(1, Math.floor(ms / 1000));
      if (digits === 6) writer.varint(2, Number(fraction.padEnd(9, '0').slice(0, 9)));
      return writer.finish();
    },
  };
}

const intOrString: SpecialMessage = {
  decode(reader) {
    let type = 0;
    let number = 0;
    let string = '';
    eachField(reader, (field) => {
      if (field === 1) type = reader.signed();
      else if (field === 2) number = reader.signed();
      else if (field === 3) string = reader.string();
      return field <= 3;
    });
    return type === 1 ? string : number;
  },
  encode(value) {
    const writer = new WireWriter();
    if (typeof value === 'number') {
      writer.varint(1, 0);
      writer.varint(2, value);
    } else {
      writer.varint(1, 1);
      writer.string(3, String(value));
    }
    return writer.finish();
  },
};

/** JSON text in field 1. */
const rawJson: SpecialMessage = {
  decode(reader) {
    let value: unknown = null;
    eachField(reader, (field) => {
      if (field !== 1) return false;
      const bytes = reader.bytes();
      try {
        value = bytes.length === 0 ? null : JSON.parse(textDecoder.decode(bytes));
      } catch (cause) {
        throw new MalformedProtobuf('embedded JSON cannot be read', { cause });
      }
      return true;
    });
    return value;
  },
  encode(value) {
    const writer = new WireWriter();
    writer.bytes(1, textEncoder.encode(JSON.stringify(value ?? null)));
    return writer.finish();
  },
};

/** A list of strings in field 1, whose JSON is that list. */
const strings: SpecialMessage = {
  decode(reader) {
    const items: string[] = [];
    eachField(reader, (field) => {
      if (field === 1) items.push(reader.string());
      return field === 1;
    });
    return items;
  },
  encode(value) {
    const writer = new WireWriter();
    for (const item of Array.isArray(value) ? value : []) writer.string(1, String(item));
    return writer.finish();
  },
};

/** The special messages by short name. */
export const specialMessages: Readonly<Record<string, SpecialMessage>> = {
  'resource.Quantity': text,
  'meta.v1.Time': timeWith(0),
  'meta.v1.MicroTime': timeWith(6),
  IntOrString: intOrString,
  'runtime.RawExtension': rawJson,
  'meta.v1.FieldsV1': rawJson,
  'apiextensions.v1.JSON': rawJson,
  'authentication.v1.ExtraValue': strings,
  'authorization.v1.ExtraValue': strings,
  'certificates.v1.ExtraValue': strings,
};

/** Reads a special message from its bytes. */
export function decodeSpecial(message: SpecialMessage, bytes: Uint8Array): unknown {
  return message.decode(new Reader(bytes));
}
