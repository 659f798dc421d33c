// DNS messages as bytes (RFC 1035, RFC 6891): queries are read by hand and responses written with name compression,
// because this is what every lookup of every pod costs. Pure.

export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const;
export const responseCodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** The UDP payload we advertise and never exceed: fits an unfragmented packet everywhere (DNS flag day 2020). */
export const ednsBytes = 1232;

export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  /** As asked, without the final dot. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where the question section ends. */
  readonly questionEnd: number;
  readonly edns?: { readonly udpBytes: number; readonly version: number; readonly dnssec: boolean };
}

export type RecordData =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'CNAME' | 'PTR'; readonly target: string }
  | { readonly type: 'SRV'; readonly port: number; readonly target: string }
  | { readonly type: 'TXT'; readonly text: string }
  | {
      readonly type: 'SOA';
      readonly server: string;
      readonly contact: string;
      readonly serial: number;
      readonly minimum: number;
    };

export type DnsRecord = RecordData & { readonly name: string; readonly ttl: number };

export interface DnsAnswer {
  readonly code: number;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority?: readonly DnsRecord[];
  readonly additional?: readonly DnsRecord[];
}

/** Reads the one question of a query; undefined when it is no well-formed query. */
export function parseQuery(message: Buffer): Query | undefined {
  if (message.length < 17 || message.readUInt16BE(4) !== 1) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63 || at - 12 > 254) return undefined;
    at += 1;
    if (length === 0) break;
    if (at + length > message.length) return undefined;
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  const query = {
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 15,
    recursionDesired: (flags & 0x0100) !== 0,
    name: labels.join('.'),
    type: message.readUInt16BE(at),
    class: message.readUInt16BE(at + 2),
    questionEnd: at + 4,
  };
  const hasRecords = message.readUInt16BE(6) + message.readUInt16BE(8) > 0;
  const edns = hasRecords || message.readUInt16BE(10) === 0 ? undefined : parseEdns(message, at + 4);
  return { ...query, edns };
}

/** The OPT record, which stands first among a query's additional records in practice. */
function parseEdns(message: Buffer, at: number): Query['edns'] {
  if (at + 11 > message.length || message[at] !== 0 || message.readUInt16BE(at + 1) !== recordTypes.OPT)
    return undefined;
  return {
    udpBytes: message.readUInt16BE(at + 3),
    version: message[at + 6] ?? 0,
    dnssec: (message.readUInt16BE(at + 7) & 0x8000) !== 0,
  };
}

/** How long a UDP response to this query may be. */
export function udpLimit(query: Query): number {
  return Math.min(ednsBytes, Math.max(512, query.edns?.udpBytes ?? 512));
}

class Writer {
  bytes = Buffer.allocUnsafe(1024);
  length = 0;
  readonly #names = new Map<string, number>();

  #room(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
  u8(value: number): void {
    this.#room(1);
    this.bytes[this.length++] = value;
  }
  u16(value: number): void {
    this.#room(2);
    this.length = this.bytes.writeUInt16BE(value, this.length);
  }
  u32(value: number): void {
    this.#room(4);
    this.length = this.bytes.writeUInt32BE(value >>> 0, this.length);
  }
  text(value: string): void {
    this.#room(value.length + 1);
    this.bytes[this.length++] = value.length;
    this.length += this.bytes.write(value, this.length, 'latin1');
  }
  name(name: string): void {
    for (let rest = name; rest !== '';) {
      const known = this.#names.get(rest);
      if (known !== undefined) return this.u16(0xc000 | known);
      if (this.length < 0x3fff) this.#names.set(rest, this.length);
      const dot = rest.indexOf('.');
      this.text(dot < 0 ? rest : rest.slice(0, dot));
      rest = dot < 0 ? '' : rest.slice(dot + 1);
    }
    this.u8(0);
  }
}

function writeData(writer: Writer, record: RecordData): void {
  switch (record.type) {
    case 'A':
      for (const octet of record.address.split('.')) writer.u8(Number(octet));
      return;
    case 'CNAME':
    case 'PTR':
      return writer.name(record.target);
    case 'SRV':
      writer.u16(0);
      writer.u16(100);
      writer.u16(record.port);
      return writer.name(record.target);
    case 'TXT':
      return writer.text(record.text);
    case 'SOA':
      writer.name(record.server);
      writer.name(record.contact);
      for (const value of [record.serial, 7200, 1800, 86400, record.minimum]) writer.u32(value);
  }
}

function writeRecord(writer: Writer, record: DnsRecord): void {
  writer.name(record.name);
  writer.u16(recordTypes[record.type]);
  writer.u16(1);
  writer.u32(record.ttl);
  writer.u16(0);
  const start = writer.length;
  writeData(writer, record);
  writer.bytes.writeUInt16BE(writer.length - start, start - 2);
}

/** A recursive query of our own, with id 0. */
export function encodeQuery(name: string, type: number): Buffer {
  const writer = new Writer();
  for (const value of [0, 0x0100, 1, 0, 0, 0]) writer.u16(value);
  writer.name(name);
  writer.u16(type);
  writer.u16(1);
  return writer.bytes.subarray(0, writer.length);
}

/**
 * The response to a query. Longer than `limit` bytes it is cut at a record's end and marked truncated; additional
 * records are left out first, without a mark.
 */
export function encodeResponse(query: Query, answer: DnsAnswer, limit: number): Buffer {
  const writer = new Writer();
  const counts = [0, 0, 0];
  writer.u16(query.id);
  writer.u16(0);
  for (const count of [1, 0, 0, 0]) writer.u16(count);
  writer.name(query.name);
  writer.u16(query.type);
  writer.u16(query.class);
  const room = limit - (query.edns === undefined ? 0 : 11);
  let truncated = false;
  [answer.answers, answer.authority ?? [], answer.additional ?? []].forEach((records, section) => {
    for (const record of records) {
      if (truncated) return;
      const start = writer.length;
      writeRecord(writer, record);
      if (writer.length > room) {
        writer.length = start;
        if (section === 2) return;
        truncated = true;
      } else counts[section] = (counts[section] ?? 0) + 1;
    }
  });
  let extended = 0;
  if (query.edns !== undefined) {
    extended = answer.code >> 4;
    writer.u8(0);
    writer.u16(recordTypes.OPT);
    writer.u16(ednsBytes);
    writer.u32((extended << 24) | (query.edns.dnssec ? 0x8000 : 0));
    writer.u16(0);
    counts[2] = (counts[2] ?? 0) + 1;
  }
  const { bytes } = writer;
  const flags = 0x8080 | (query.opcode << 11) | (answer.authoritative ? 0x0400 : 0) | (truncated ? 0x0200 : 0);
  bytes.writeUInt16BE(flags | (query.recursionDesired ? 0x0100 : 0) | (answer.code & 15), 2);
  counts.forEach((count, section) => bytes.writeUInt16BE(count, 6 + 2 * section));
  return bytes.subarray(0, writer.length);
}
