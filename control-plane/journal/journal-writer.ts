// Follows the store and writes down every change. A segment opens with a picture of everything, so that each stands for
// itself, and is seen by readers only once that picture is whole; a watch that is lost, or a disk that was full, is owned up to by a segment whose reason is `gap`.
// Leases are left out: they are heartbeats, renewed every few seconds.
import type { Clock } from '../../machinery/clock.ts';
import type { Logger } from '../../machinery/logger.ts';
import { packFile, type RecordLimits } from '../packed-files.ts';
import type { Store, StoredObject, StoreEvent, StoreWatch } from '../store/contract.ts';
import { entryLine, headLine, type SegmentReason } from './entry.ts';
import { lastDigest } from './journal-reader.ts';
import { redact, secretPrefix } from './redact.ts';
import {
  createSegment,
  listSegments,
  openJournalFolder,
  removeOpenings,
  segmentPath,
  trimSegments,
  type SegmentWriter,
} from './segment-files.ts';

export interface JournalWriterOptions {
  readonly store: Pick<Store, 'list' | 'watch'>;
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where sealed resources are kept, besides Secrets: of them too only digests are written. */
  readonly sealedPrefixes?: readonly string[];
  readonly limits?: RecordLimits;
  /** A segment is full at this size, or at twice its opening picture when that is larger. */
  readonly segmentBytes?: number;
  /** How long changes gather before they are written together; the first after a quiet moment is written at once. */
  readonly gatherMs?: number;
}

const root = '/registry/';
const leftOut = ['/registry/leases/', '/registry/masterleases/'];
const defaultLimits: RecordLimits = { bytes: 512 * 1024 ** 2, ageMs: 30 * 24 * 3_600_000 };
const defaultSegmentBytes = 16 * 1024 ** 2;
const retryMs = 5000;
const defaultGatherMs = 20;
/** Bytes that are gathered before they are written; what a look at the watch brings is written in any case. */
const gatherBytes = 256 * 1024;

/** Writes until the signal aborts. */
export async function runJournalWriter(options: JournalWriterOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, folder } = options;
  const key = await openJournalFolder(folder);
  await removeOpenings(folder);
  await packLeftovers(folder);
  let reason: SegmentReason = 'start';
  let picture: Picture | undefined;
  while (!signal.aborted) {
    try {
      picture = await writeSegment(options, key, { reason, picture }, signal);
      reason = 'rotation';
    } catch (err) {
      if (signal.aborted) return;
      logger.warn({ err, retryMs }, 'the journal of changes stopped; it goes on with a new segment');
      reason = 'gap';
      picture = undefined;
      await clock.sleep(retryMs, signal);
    }
  }
}

/** Segments that an earlier process left as plain lines. */
async function packLeftovers(folder: string): Promise<void> {
  for (const { path } of await listSegments(folder)) if (!path.endsWith('.gz')) await packFile(path);
}

/** Everything as of one moment; `time` in Unix ms. */
interface Picture {
  readonly time: number;
  readonly revision: number;
  readonly items: readonly StoredObject[];
}

async function takePicture({ store, clock }: JournalWriterOptions): Promise<Picture> {
  const { revision, items } = await store.list(root, { consistency: 'cache' });
  return { time: clock.now(), revision, items };
}

/** Writes one segment from its opening picture until it is full; answers with the picture that the next one opens with. */
async function writeSegment(
  options: JournalWriterOptions,
  key: Uint8Array,
  opening: { readonly reason: SegmentReason; readonly picture: Picture | undefined },
  signal: AbortSignal,
): Promise<Picture | undefined> {
  const { store, folder, clock, limits = defaultLimits, segmentBytes = defaultSegmentBytes } = options;
  await trimSegments(folder, limits, clock.now());
  const newest = (await listSegments(folder)).at(-1);
  const segment = (newest?.segment ?? 0) + 1;
  const { time, revision, items } = opening.picture ?? (await takePicture(options));
  const ending = new AbortController();
  // The watch begins where the picture ends, and before the picture is written: that may take a while.
  const watch = store.watch(root, { fromRevision: revision, signal: AbortSignal.any([signal, ending.signal]) });
  const path = segmentPath(folder, segment, time);
  const file = await createSegment(path);
  let next: Picture | undefined;
  try {
    const sealed = [secretPrefix, ...(options.sealedPrefixes ?? [])];
    const lines = createLines(
      file,
      { key, prefixes: sealed },
      newest === undefined ? '' : await lastDigest(newest.path),
    );
    lines.head({ segment, time, revision, reason: opening.reason });
    for (const object of items) await lines.object(object, object.revision, time, true);
    await lines.flush();
    await file.publish();
    const full = Math.max(segmentBytes, lines.length * 2);
    const { gatherMs = defaultGatherMs } = options;
    next = await follow(
      watch,
      lines,
      { now: () => clock.now(), rest: () => (gatherMs > 0 ? clock.sleep(gatherMs, signal) : undefined) },
      () => (lines.length >= full ? takePicture(options) : undefined),
    );
  } finally {
    ending.abort();
    await file.close();
  }
  if (!signal.aborted) await packFile(path);
  return next;
}

/**
 * Writes events until the segment is full, and then up to the picture that the next one opens with: no change falls
 * between two segments, none is in both. Undefined when the watch was ended; throws when it was lost.
 */
async function follow(
  watch: StoreWatch,
  lines: Lines,
  { now, rest }: Pace,
  pictureWhenFull: () => Promise<Picture> | undefined,
): Promise<Picture | undefined> {
  let next: Picture | undefined;
  for await (const batch of watch) {
    const time = now();
    for (const event of batch) {
      if (next !== undefined && event.revision > next.revision) break;
      await lines.event(event, time);
    }
    await lines.flush();
    next ??= await pictureWhenFull();
    if (next !== undefined && watch.progress() >= next.revision) return next;
    await rest();
  }
  return undefined;
}

/** When it is, and the pause between two looks at the watch. */
interface Pace {
  readonly now: () => number;
  readonly rest: () => Promise<void> | undefined;
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
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let length = 0;
  const push = (next: { readonly digest: string; readonly line: Buffer }): void => {
    digest = next.digest;
    gathered.push(next.line);
    gatheredBytes += next.line.length;
  };
  const flush = async (): Promise<void> => {
    if (gathered.length === 0) return;
    const bytes = Buffer.concat(gathered, gatheredBytes);
    gathered = [];
    gatheredBytes = 0;
    length += bytes.length;
    await file.append(bytes);
  };
  const object: Lines['object'] = async (stored, revision, time, opening) => {
    const { key } = stored;
    if (leftOut.some((prefix) => key.startsWith(prefix))) return;
    const isSealed = sealed.prefixes.some((prefix) => key.startsWith(prefix));
    const bytes = isSealed ? Buffer.from(redact(stored.peek(), sealed.key)) : stored.bytes;
    push(entryLine(digest, { time, revision, key, bytes, opening }));
    if (gatheredBytes > gatherBytes) await flush();
  };
  return {
    get length() {
      return length;
    },
    head: (head) => push(headLine(previous, head)),
    object,
    async event({ type, revision, object: stored }, time) {
      if (type !== 'DELETED') return object(stored, revision, time, false);
      if (leftOut.some((prefix) => stored.key.startsWith(prefix))) return;
      push(entryLine(digest, { time, revision, key: stored.key, bytes: undefined, opening: false }));
    },
    flush,
  };
}
