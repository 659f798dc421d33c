// Protocol buffers' wire format (https://protobuf.dev/programming-guides/encoding) as far as etcd's messages need it.
// The writer goes backwards, so that a nested message's length is known when it is written, in one buffer.

const tagOf = (field: number, type: 0 | 2): number => field * 8 + type;
const slackBytes = 64;

/** Builds one message from its last field to its first. */
export class MessageWriter {
  #buffer: Buffer;
  #at: number;

  /** `sizeBytes` is a guess; the buffer grows when it is too small. */
  constructor(sizeBytes = 0) {
    this.#buffer = Buffer.allocUnsafe(sizeBytes + slackBytes);
    this.#at = this.#buffer.length;
  }

  /** How many bytes there are: what `message` counts from. */
  get size(): number {
    return this.#buffer.length - this.#at;
  }

  /** The message; the writer must not be used any more. */
  finish(): Buffer {
    return this.#buffer.subarray(this.#at);
  }

  /** A field of type string or bytes; nothing when it is undefined or empty. */
  bytes(field: number, value: Uint8Array | string | undefined): void {
    if (value === undefined || value.length === 0) return;
    const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#reserve(length);
    this.#at -= length;
    if (typeof value === 'string') this.#buffer.write(value, this.#at);
    else this.#buffer.set(value, this.#at);
    this.#head(field, length);
  }

  /** An integer, enum or bool; nothing when it is undefined or zero, as proto3 has it. */
  number(field: number, value: number | boolean | undefined): void {
    if (!value) return;
    this.#reserve(11);
    if (Number(value) < 0) this.#varintOf(BigInt.asUintN(64, BigInt(value)));
    else this.#varint(Number(value));
    this.#varint(tagOf(field, 0));
  }

  /** A nested message: `write` writes its fields, last one first. Written even when it is empty. */
  message(field: number, write: () => void): void {
    const before = this.size;
    write();
    this.#head(field, this.size - before);
  }

  #head(field: number, length: number): void {
    this.#reserve(10);
    this.#varint(length);
    this.#varint(tagOf(field, 2));
  }

  #varint(value: number): void {
    if (value < 0x80) {
      this.#buffer[--this.#at] = value;
      return;
    }
    let length = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
    this.#at -= length;
    let at = this.#at;
    for (; value >= 0x80; value = Math.floor(value / 0x80)) this.#buffer[at++] = (value % 0x80) | 0x80;
    this.#buffer[at] = value;
  }

  #varintOf(value: bigint): void {
    const groups: number[] = [];
    for (; value >= 0x80n; value >>= 7n) groups.push(Number(value & 0x7fn) | 0x80);
    groups.push(Number(value));
    this.#at -= groups.length;
    this.#buffer.set(groups, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at >= bytes) return;
    const size = this.size;
    const larger = Buffer.allocUnsafe(size * 2 + bytes + slackBytes);
    this.#buffer.copy(larger, larger.length - size, this.#at);
    this.#buffer = larger;
    this.#at = larger.length - size;
  }
}

/** The bytes are not what the message's definition says. */
export class MalformedMessage extends Error {}

/** Reads a message field by field: `while (reader.next()) switch (reader.field) …`. Fields left unread are skipped. */
export class MessageReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  #at: number;
  #type = -1;
  field = 0;

  constructor(buffer: Buffer, start = 0, end: number = buffer.length) {
    this.#buffer = buffer;
    this.#at = start;
    this.#end = end;
  }

  /** Moves to the next field; false at the end. */
  next(): boolean {
    if (this.#type !== -1) this.#skip();
    if (this.#at >= this.#end) return false;
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.#type = tag & 7;
    return true;
  }

  /** An integer of up to 53 bits; larger ones lose their low bits. */
  number(): number {
    this.#type = -1;
    return this.#varint();
  }

  /** An unsigned 64-bit integer in decimal, such as a member's ID. */
  id(): string {
    this.#type = -1;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return BigInt.asUintN(64, value).toString();
  }

  /** A view of the message's own memory. */
  bytes(): Buffer {
    this.#type = -1;
    const start = this.#take();
    return this.#buffer.subarray(start, this.#at);
  }

  text(): string {
    this.#type = -1;
    const start = this.#take();
    return this.#buffer.toString('utf8', start, this.#at);
  }

  message(): MessageReader {
    this.#type = -1;
    const start = this.#take();
    return new MessageReader(this.#buffer, start, this.#at);
  }

  /** Moves behind a length-delimited value and answers where it begins. */
  #take(): number {
    const length = this.#varint();
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new MalformedMessage('a field is cut short');
    return start;
  }

  #skip(): void {
    if (this.#type === 0) this.#varint();
    else if (this.#type === 1) this.#at += 8;
    else if (this.#type === 2) this.#take();
    else if (this.#type === 5) this.#at += 4;
    else throw new MalformedMessage(`wire type ${this.#type}`);
    this.#type = -1;
  }

  #varint(): number {
    let byte = this.#byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; ; scale *= 0x80) {
      byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      if (scale > 2 ** 63) throw new MalformedMessage('a number is too long');
    }
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new MalformedMessage('a number is cut short');
    return this.#buffer[this.#at++] ?? 0;
  }
}
