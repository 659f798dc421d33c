// The page format of bbolt files, in which etcd keeps its database: little-endian, 16-byte page and element headers.
// Source: go.etcd.io/bbolt (page.go, db.go, bucket.go). Only what etcd writes is known: buckets of plain keys in one root.

export const pageHeaderBytes = 16;
export const elementBytes = 16;
export const branchPage = 0x01;
export const leafPage = 0x02;
export const metaPage = 0x04;
export const freelistPage = 0x10;
/** Marks a leaf element whose value is a bucket. */
export const bucketFlag = 0x01;
/** A bucket's value: the page of its root, and a sequence that etcd does not use. */
export const bucketHeaderBytes = 16;
const magic = 0xed0cdaed;
const version = 2;
const checksumOffset = pageHeaderBytes + 56;

/** The file is no bbolt database, or is damaged; the message says where. */
export class BoltError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BoltError';
  }
}

/** What a meta page says. */
export interface BoltMeta {
  readonly pageSize: number;
  readonly rootPage: number;
  readonly freelistPage: number;
  /** Pages in use, free ones included: the first number never used. */
  readonly pageCount: number;
  readonly transaction: bigint;
}

/** Reads a meta page; undefined when it is none, or was cut while being written. */
export function readMeta(page: Buffer): BoltMeta | undefined {
  if (page.length < checksumOffset + 8) return undefined;
  if (page.readUInt32LE(16) !== magic || page.readUInt32LE(20) !== version) return undefined;
  if (page.readBigUInt64LE(checksumOffset) !== fnv1a64(page.subarray(pageHeaderBytes, checksumOffset)))
    return undefined;
  return {
    pageSize: page.readUInt32LE(24),
    rootPage: Number(page.readBigUInt64LE(32)),
    freelistPage: Number(BigInt.asIntN(64, page.readBigUInt64LE(48))),
    pageCount: Number(page.readBigUInt64LE(56)),
    transaction: page.readBigUInt64LE(64),
  };
}

/** Writes a meta page, number 0 or 1. */
export function formatMeta(pageNumber: 0 | 1, meta: BoltMeta): Buffer {
  const page = Buffer.alloc(meta.pageSize);
  writePageHeader(page, { page: pageNumber, flags: metaPage, count: 0, overflow: 0 });
  page.writeUInt32LE(magic, 16);
  page.writeUInt32LE(version, 20);
  page.writeUInt32LE(meta.pageSize, 24);
  page.writeBigUInt64LE(BigInt(meta.rootPage), 32);
  page.writeBigUInt64LE(BigInt(meta.freelistPage), 48);
  page.writeBigUInt64LE(BigInt(meta.pageCount), 56);
  page.writeBigUInt64LE(meta.transaction, 64);
  page.writeBigUInt64LE(fnv1a64(page.subarray(pageHeaderBytes, checksumOffset)), checksumOffset);
  return page;
}

export interface PageHeader {
  readonly page: number;
  readonly flags: number;
  readonly count: number;
  /** Further pages that belong to this one. */
  readonly overflow: number;
}

export function readPageHeader(page: Buffer): PageHeader {
  return {
    page: Number(page.readBigUInt64LE(0)),
    flags: page.readUInt16LE(8),
    count: page.readUInt16LE(10),
    overflow: page.readUInt32LE(12),
  };
}

export function writePageHeader(page: Buffer, header: PageHeader): void {
  page.writeBigUInt64LE(BigInt(header.page), 0);
  page.writeUInt16LE(header.flags, 8);
  page.writeUInt16LE(header.count, 10);
  page.writeUInt32LE(header.overflow, 12);
}

/** FNV-1a over 64 bits, the checksum of meta pages. */
function fnv1a64(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
