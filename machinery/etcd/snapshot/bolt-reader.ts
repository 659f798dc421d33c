// Reads a bbolt file without etcd: every bucket, every key in order, bounded memory. Every number in the file is checked
// against the file's own bounds, so that a damaged file ends in BoltError and never in nonsense.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import {
  BoltError,
  branchPage,
  bucketFlag,
  bucketHeaderBytes,
  elementBytes,
  leafPage,
  pageHeaderBytes,
  readMeta,
  readPageHeader,
} from './bolt-format.ts';
import type { BoltMeta } from './bolt-format.ts';

export interface BoltEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface BoltFile {
  readonly pageSize: number;
  /** The buckets' names in order. */
  bucketNames(): Promise<string[]>;
  /** All entries of a bucket in key order; none when there is no such bucket. */
  entries(bucket: string): AsyncIterable<BoltEntry>;
  close(): Promise<void>;
}

const smallestPage = 4096;
const deepestTree = 64;

/** Opens the file and chooses the newer of its valid meta pages. Throws BoltError when there is none. */
export async function openBolt(path: string): Promise<BoltFile> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const meta = await newestMeta(file, size);
    return new Reader(file, meta, size);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function newestMeta(file: FileHandle, size: number): Promise<BoltMeta> {
  // The second page's place follows from the page size, which the first page may no longer tell.
  const metas: BoltMeta[] = [];
  for (const offset of [0, smallestPage, 8192, 16_384, 65_536]) {
    const page = Buffer.alloc(smallestPage);
    if (offset + smallestPage > size) break;
    await file.read(page, 0, page.length, offset);
    const meta = readMeta(page);
    if (meta !== undefined && (offset === 0 || offset === meta.pageSize)) metas.push(meta);
  }
  const newest = metas.sort((a, b) => (a.transaction < b.transaction ? 1 : -1))[0];
  if (newest === undefined) throw new BoltError('neither meta page is valid: this is no etcd database');
  if (newest.pageSize < 1024 || newest.pageCount * newest.pageSize > size)
    throw new BoltError(`the file is cut: ${newest.pageCount} pages of ${newest.pageSize} bytes do not fit in ${size}`);
  return newest;
}

interface Bucket {
  readonly root: number;
  /** The page itself, for a bucket small enough to live in its parent. */
  readonly inline?: Buffer;
}

class Reader implements BoltFile {
  readonly #file: FileHandle;
  readonly #meta: BoltMeta;
  readonly #size: number;
  #buckets: Promise<Map<string, Bucket>> | undefined;

  constructor(file: FileHandle, meta: BoltMeta, size: number) {
    this.#file = file;
    this.#meta = meta;
    this.#size = size;
  }

  get pageSize(): number {
    return this.#meta.pageSize;
  }

  async bucketNames(): Promise<string[]> {
    return [...(await this.#readBuckets()).keys()];
  }

  async *entries(name: string): AsyncIterable<BoltEntry> {
    const bucket = (await this.#readBuckets()).get(name);
    if (bucket === undefined) return;
    for await (const { key, value, flags } of bucket.inline ? leafEntries(bucket.inline) : this.#walk(bucket.root, 0)) {
      if ((flags & bucketFlag) !== 0) throw new BoltError(`bucket ${name} holds another bucket, which etcd never does`);
      yield { key, value };
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #readBuckets(): Promise<Map<string, Bucket>> {
    this.#buckets ??= (async () => {
      const buckets = new Map<string, Bucket>();
      for await (const { key, value, flags } of this.#walk(this.#meta.rootPage, 0)) {
        if ((flags & bucketFlag) === 0 || value.length < bucketHeaderBytes)
          throw new BoltError('the root holds something that is no bucket');
        const root = Number(value.readBigUInt64LE(0));
        buckets.set(key.toString('utf8'), {
          root,
          ...(root === 0 && { inline: Buffer.from(value.subarray(bucketHeaderBytes)) }),
        });
      }
      return buckets;
    })();
    return this.#buckets;
  }

  async *#walk(pageNumber: number, depth: number): AsyncGenerator<LeafEntry> {
    if (depth > deepestTree) throw new BoltError(`page ${pageNumber} is its own ancestor`);
    const page = await this.#readPage(pageNumber);
    const { flags, count } = readPageHeader(page);
    if ((flags & leafPage) !== 0) {
      yield* leafEntries(page);
    } else if ((flags & branchPage) !== 0) {
      for (let index = 0; index < count; index++) {
        const at = pageHeaderBytes + index * elementBytes;
        if (at + elementBytes > page.length) throw new BoltError(`page ${pageNumber} is cut`);
        yield* this.#walk(Number(page.readBigUInt64LE(at + 8)), depth + 1);
      }
    } else {
      throw new BoltError(`page ${pageNumber} is neither leaf nor branch`);
    }
  }

  async #readPage(number: number): Promise<Buffer> {
    const { pageSize, pageCount } = this.#meta;
    if (number < 2 || number >= pageCount) throw new BoltError(`page ${number} is outside the file`);
    const first = await this.#readBytes(number * pageSize, pageSize);
    const header = readPageHeader(first);
    if (header.page !== number) throw new BoltError(`page ${number} calls itself ${header.page}`);
    if (header.overflow === 0) return first;
    if (number + header.overflow >= pageCount) throw new BoltError(`page ${number} runs out of the file`);
    return Buffer.concat([first, await this.#readBytes((number + 1) * pageSize, header.overflow * pageSize)]);
  }

  async #readBytes(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.#size) throw new BoltError('the file is cut');
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset);
    if (bytesRead !== length) throw new BoltError('the file is cut');
    return bytes;
  }
}

interface LeafEntry extends BoltEntry {
  readonly flags: number;
}

function* leafEntries(page: Buffer): Generator<LeafEntry> {
  if (page.length < pageHeaderBytes) throw new BoltError('a bucket is cut');
  const { count } = readPageHeader(page);
  for (let index = 0; index < count; index++) {
    const at = pageHeaderBytes + index * elementBytes;
    if (at + elementBytes > page.length) throw new BoltError('a page holds more elements than it has room for');
    const keyAt = at + page.readUInt32LE(at + 4);
    const valueAt = keyAt + page.readUInt32LE(at + 8);
    const end = valueAt + page.readUInt32LE(at + 12);
    if (end > page.length) throw new BoltError('an element reaches beyond its page');
    yield { flags: page.readUInt32LE(at), key: page.subarray(keyAt, valueAt), value: page.subarray(valueAt, end) };
  }
}
