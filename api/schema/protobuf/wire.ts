// Protobuf's wire format: varints, fixed numbers and length-delimited bytes, read from and written to byte arrays.
// Knows nothing of messages. Numbers past 2^53 are read as the nearest double, which no Kubernetes field reaches.
// Source: the encoding page of the Protocol Buffers documentation.

export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The bytes are not a protobuf message. */
export class MalformedProtobuf extends Error {
  override readonly name = 'MalformedProtobuf';
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Reads one message's bytes from front to back. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** An unsigned varint's low and high 32 bits. */
  #varint(): { low: number; high: number } {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new MalformedProtobuf('a number ends too early');
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return { low: low >>> 0, high: high >>> 0 };
    }
    throw new MalformedProtobuf('a number is longer than 10 bytes');
  }

  /** The next field's number and wire type. */
  tag(): { field: number; type: number } {
    const { low } = this.#varint();
    return { field: low >>> 3, type: low & 7 };
  }

  unsigned(): number {
    const { low, high } = this.#varint();
    return high * 0x1_0000_0000 + low;
  }

  /** A signed number in two's complement, as int32 and int64 are written. */
  signed(): number {
    const { low, high } = this.#varint();
    return high < 0x8000_0000 ? high * 0x1_0000_0000 + low : (high | 0) * 0x1_0000_0000 + low;
  }

  double(): number {
    return new DataView(this.#take(8).slice().buffer).getFloat64(0, true);
  }

  bytes(): Uint8Array {
    return this.#take(this.unsigned());
  }

  string(): string {
    try {
      return decoder.decode(this.bytes());
    } catch (cause) {
      if (cause instanceof MalformedProtobuf) throw cause;
      throw new MalformedProtobuf('a string is not UTF-8', { cause });
    }
  }

  skip(type: number): void {
    if (type === wireType.varint) this.#varint();
    else if (type === wireType.fixed64) this.#take(8);
    else if (type === wireType.bytes) this.bytes();
    else if (type === wireType.fixed32) this.#take(4);
    else throw new MalformedProtobuf(`wire type ${type} is not known`);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new MalformedProtobuf('a field ends too early');
    const slice = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return slice;
  }
}

/** Writes one message's bytes; grows as needed. */
export class WireWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** The bytes written so far; valid until the next write. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  varint(field: number, value: number): void {
    this.#tag(field, wireType.varint);
    this.#number(value);
  }

  double(field: number, value: number): void {
    this.#tag(field, wireType.fixed64);
    this.#reserve(8);
    new DataView(this.#bytes.buffer, this.#length, 8).setFloat64(0, value, true);
    this.#length += 8;
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, wireType.bytes);
    this.#number(value.length);
    this.raw(value);
  }

  string(field: number, value: string): void {
    this.bytes(field, encoder.encode(value));
  }

  /** Bytes as they are, without tag or length. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #tag(field: number, type: number): void {
    this.#number(field * 8 + type);
  }

  #number(value: number): void {
    this.#reserve(10);
    let rest = value < 0 ? BigInt.asUintN(64, BigInt(Math.trunc(value))) : value;
    if (typeof rest === 'bigint') {
      for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      this.#bytes[this.#length++] = Number(rest);
      return;
    }
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
