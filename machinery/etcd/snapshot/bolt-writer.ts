// Writes a bbolt file in one pass from buckets whose keys come in order: leaves first, then the branches over them.
// What is written is compact (no free pages) and complete only once its meta pages are there, which come last.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import {
  branchPage,
  bucketFlag,
  bucketHeaderBytes,
  elementBytes,
  formatMeta,
  freelistPage,
  leafPage,
  pageHeaderBytes,
  writePageHeader,
} from './bolt-format.ts';
import type { BoltEntry } from './bolt-reader.ts';

export interface BoltBucket {
  readonly name: string;
  readonly entries: AsyncIterable<BoltEntry> | Iterable<BoltEntry>;
}

/** The first three pages: two metas and an empty freelist. */
const firstFreePage = 3;
const mostElements = 0xfffe;

/** Writes `buckets`, which must come in the order of their names, to `path`; an existing file is replaced. */
export async function writeBolt(
  path: string,
  buckets: AsyncIterable<BoltBucket> | Iterable<BoltBucket>,
  pageSize = 4096,
): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    const pages = createPageWriter(file, pageSize);
    const root = createTree(pages);
    for await (const { name, entries } of buckets) {
      const tree = createTree(pages);
      for await (const { key, value } of entries) await tree.add(key, value, 0);
      await root.add(Buffer.from(name), bucketValue(await tree.finish()), bucketFlag);
    }
    const rootPage = await root.finish();
    await pages.finish(rootPage);
    await file.sync();
  } finally {
    await file.close();
  }
}

function bucketValue(root: number): Buffer {
  const value = Buffer.alloc(bucketHeaderBytes);
  value.writeBigUInt64LE(BigInt(root), 0);
  return value;
}

interface PageWriter {
  readonly pageSize: number;
  /** Writes a page (with overflow where it is larger than one) and answers its number. */
  write(flags: number, count: number, body: readonly Buffer[]): Promise<number>;
  finish(rootPage: number): Promise<void>;
}

function createPageWriter(file: FileHandle, pageSize: number): PageWriter {
  let next = firstFreePage;
  const writeAt = async (page: number, flags: number, count: number, body: readonly Buffer[]): Promise<number> => {
    const used = body.reduce((sum, part) => sum + part.length, pageHeaderBytes);
    const pages = Math.max(1, Math.ceil(used / pageSize));
    const bytes = Buffer.alloc(pages * pageSize);
    writePageHeader(bytes, { page, flags, count, overflow: pages - 1 });
    let at = pageHeaderBytes;
    for (const part of body) at += part.copy(bytes, at);
    await file.write(bytes, 0, bytes.length, page * pageSize);
    return pages;
  };
  return {
    pageSize,
    async write(flags, count, body) {
      const page = next;
      next += await writeAt(page, flags, count, body);
      return page;
    },
    async finish(rootPage) {
      await writeAt(2, freelistPage, 0, []);
      await file.sync();
      for (const number of [0, 1] as const) {
        const meta = formatMeta(number, {
          pageSize,
          rootPage,
          freelistPage: 2,
          pageCount: next,
          transaction: BigInt(number),
        });
        await file.write(meta, 0, meta.length, number * pageSize);
      }
    },
  };
}

interface Tree {
  add(key: Buffer, value: Buffer, flags: number): Promise<void>;
  /** Writes what is left and answers the page of the root. */
  finish(): Promise<number>;
}

interface Child {
  readonly firstKey: Buffer;
  readonly page: number;
}

function createTree(pages: PageWriter): Tree {
  const leaves: Child[] = [];
  let waiting: { key: Buffer; value: Buffer; flags: number }[] = [];
  let waitingBytes = pageHeaderBytes;

  const flush = async (): Promise<void> => {
    const heads: Buffer[] = [];
    const bodies: Buffer[] = [];
    let bodyAt = waiting.length * elementBytes;
    for (const [index, { key, value, flags }] of waiting.entries()) {
      const head = Buffer.alloc(elementBytes);
      head.writeUInt32LE(flags, 0);
      head.writeUInt32LE(bodyAt - index * elementBytes, 4);
      head.writeUInt32LE(key.length, 8);
      head.writeUInt32LE(value.length, 12);
      heads.push(head);
      bodies.push(key, value);
      bodyAt += key.length + value.length;
    }
    const page = await pages.write(leafPage, waiting.length, [...heads, ...bodies]);
    leaves.push({ firstKey: Buffer.from(waiting[0]?.key ?? Buffer.alloc(0)), page });
    waiting = [];
    waitingBytes = pageHeaderBytes;
  };

  return {
    async add(key, value, flags) {
      const bytes = elementBytes + key.length + value.length;
      if (waiting.length > 0 && (waitingBytes + bytes > pages.pageSize || waiting.length >= mostElements))
        await flush();
      waiting.push({ key: Buffer.from(key), value: Buffer.from(value), flags });
      waitingBytes += bytes;
    },
    async finish() {
      if (waiting.length > 0 || leaves.length === 0) await flush();
      let level: readonly Child[] = leaves;
      while (level.length > 1) level = await writeBranches(pages, level);
      return level[0]?.page ?? 0;
    },
  };
}

/** One level of branches over `children`, every branch with at least two. */
async function writeBranches(pages: PageWriter, children: readonly Child[]): Promise<Child[]> {
  const branches: Child[] = [];
  let group: Child[] = [];
  let groupBytes = pageHeaderBytes;
  const flush = async (): Promise<void> => {
    const heads: Buffer[] = [];
    let bodyAt = group.length * elementBytes;
    for (const [index, { firstKey, page }] of group.entries()) {
      const head = Buffer.alloc(elementBytes);
      head.writeUInt32LE(bodyAt - index * elementBytes, 0);
      head.writeUInt32LE(firstKey.length, 4);
      head.writeBigUInt64LE(BigInt(page), 8);
      heads.push(head);
      bodyAt += firstKey.length;
    }
    const keys = group.map(({ firstKey }) => firstKey);
    const page = await pages.write(branchPage, group.length, [...heads, ...keys]);
    branches.push({ firstKey: keys[0] ?? Buffer.alloc(0), page });
    group = [];
    groupBytes = pageHeaderBytes;
  };
  for (const [index, child] of children.entries()) {
    const bytes = elementBytes + child.firstKey.length;
    // The last child never stands alone: bbolt wants two under every branch.
    const isFull = groupBytes + bytes > pages.pageSize && group.length >= 2 && index < children.length - 1;
    if (isFull) await flush();
    group.push(child);
    groupBytes += bytes;
  }
  await flush();
  return branches;
}
