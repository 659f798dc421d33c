// Follows the store and writes down every change. A segment opens with a picture of everything, so that each stands for
// itself; a watch that is lost, or a disk that was full, is owned up to by a segment whose reason is `gap`.
// Leases are left out: they are heartbeats, renewed every few seconds.
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import type { Store, StoredObject, StoreEvent, StoreWatch } from '../store/contract.ts';
import { digestOf, entryBody, headBody, type SegmentReason } from './entry.ts';
import { lastDigest } from './journal-reader.ts';
import { redact, secretPrefix } from './redact.ts';
import {
  createSegment,
  listSegments,
  openJournalFolder,
  packSegment,
  segmentPath,
  trimSegments,
  type JournalLimits,
  type SegmentWriter,
} from './segment-files.ts';

export interface JournalWriterOptions {
  readonly store: Pick<Store, 'list' | 'watch'>;
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where sealed resources are kept, besides Secrets: of them too only digests are written. */
  readonly sealedPrefixes?: readonly string[];
  readonly limits?: JournalLimits;
  /** A segment is full at this size, or at twice its opening picture when that is larger. */
  readonly segmentBytes?: number;
}

const root = '/registry/';
const leftOut = ['/registry/leases/', '/registry/masterleases/'];
const defaultLimits: JournalLimits = { bytes: 512 * 1024 ** 2, ageMs: 30 * 24 * 3_600_000 };
const defaultSegmentBytes = 16 * 1024 ** 2;
const retryMs = 5000;
/** Characters that are gathered before they are written; a batch of the watch is written in any case. */
const gatherLength = 256 * 1024;

/** Writes until the signal aborts. */
export async function runJournalWriter(options: JournalWriterOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, folder } = options;
  const key = await openJournalFolder(folder);
  await packLeftovers(folder);
  let reason: SegmentReason = 'start';
  while (!signal.aborted) {
    try {
      reason = await writeSegment(options, key, reason, signal);
    } catch (err) {
      if (signal.aborted) return;
      logger.warn({ err, retryMs }, 'the journal of changes stopped; it goes on with a new segment');
      reason = 'gap';
      await clock.sleep(retryMs, signal);
    }
  }
}

/** Segments that an earlier process left as plain lines. */
async function packLeftovers(folder: string): Promise<void> {
  for (const { path } of await listSegments(folder)) if (!path.endsWith('.gz')) await packSegment(path);
}

/** Writes one segment from its opening picture until it is full. */
async function writeSegment(
  options: JournalWriterOptions,
  key: Uint8Array,
  reason: SegmentReason,
  signal: AbortSignal,
): Promise<SegmentReason> {
  const { store, folder, clock, limits = defaultLimits, segmentBytes = defaultSegmentBytes } = options;
  await trimSegments(folder, limits, clock.now());
  const newest = (await listSegments(folder)).at(-1);
  const segment = (newest?.segment ?? 0) + 1;
  const time = clock.now();
  const picture = await store.list(root, { consistency: 'cache' });
  const ending = new AbortController();
  // The watch begins where the picture ends, and before the picture is written: that may take a while.
  const watch = store.watch(root, { fromRevision: picture.revision, signal: AbortSignal.any([signal, ending.signal]) });
  const path = segmentPath(folder, segment, time);
  const file = await createSegment(path);
  try {
    const sealed = [secretPrefix, ...(options.sealedPrefixes ?? [])];
    const lines = createLines(
      file,
      { key, prefixes: sealed },
      newest === undefined ? '' : await lastDigest(newest.path),
    );
    lines.head({ segment, time, revision: picture.revision, reason });
    for (const object of picture.items) await lines.object(object, object.revision, time, true);
    await lines.flush();
    await follow(watch, lines, clock, Math.max(segmentBytes, lines.length * 2));
  } finally {
    ending.abort();
    await file.close();
  }
  if (!signal.aborted) await packSegment(path);
  return 'rotation';
}

/** Writes events until the segment is full; throws when the watch is lost. */
async function follow(watch: StoreWatch, lines: Lines, clock: Clock, full: number): Promise<void> {
  for await (const batch of watch) {
    const now = clock.now();
    for (const event of batch) await lines.event(event, now);
    await lines.flush();
    if (lines.length >= full) return;
  }
}

interface Lines {
  readonly length: number;
  head(head: { segment: number; time: number; revision: number; reason: SegmentReason }): void;
  object(object: StoredObject, revision: number, time: number, opening: boolean): Promise<void>;
  event(event: StoreEvent, time: number): Promise<void>;
  flush(): Promise<void>;
}

interface Sealed {
  readonly key: Uint8Array;
  readonly prefixes: readonly string[];
}

/** Chains lines and hands them to the file in large pieces. */
function createLines(file: SegmentWriter, sealed: Sealed, previous: string): Lines {
  let digest = previous;
  let gathered = '';
  let length = 0;
  const push = (body: string): void => {
    digest = digestOf(digest, body);
    gathered += `${digest} ${body}\n`;
  };
  const flush = async (): Promise<void> => {
    const text = gathered;
    gathered = '';
    length += text.length;
    if (text !== '') await file.append(text);
  };
  const object: Lines['object'] = async (stored, revision, time, opening) => {
    const { key } = stored;
    if (leftOut.some((prefix) => key.startsWith(prefix))) return;
    const isSealed = sealed.prefixes.some((prefix) => key.startsWith(prefix));
    const text = isSealed ? redact(stored.peek(), sealed.key) : Buffer.from(stored.bytes).toString();
    push(entryBody({ time, revision, key, text, opening }));
    if (gathered.length > gatherLength) await flush();
  };
  return {
    get length() {
      return length;
    },
    head: (head) => push(headBody({ ...head, previous })),
    object,
    async event({ type, revision, object: stored }, time) {
      if (type !== 'DELETED') return object(stored, revision, time, false);
      if (leftOut.some((prefix) => stored.key.startsWith(prefix))) return;
      push(entryBody({ time, revision, key: stored.key, text: undefined, opening: false }));
    },
    flush,
  };
}
