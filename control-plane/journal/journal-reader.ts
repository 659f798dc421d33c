// Questions to a journal: what was there at a moment, what changed between two, every version of one object, and whether
// the chain is whole. Files are read as streams, so that a long journal never fills the heap.
import { digestOf, readEntry, readHead, splitLine, type JournalEntry, type SegmentHead } from './entry.ts';
import { listSegments, readLines, type SegmentFile } from './segment-files.ts';

export interface JournalSpan {
  /** Unix ms; both absent while nothing is written. */
  readonly from?: number;
  readonly to?: number;
  readonly segments: number;
  readonly bytes: number;
  /** Changes in each of `buckets` equal parts of the span. */
  readonly activity: readonly number[];
  /** Times at which something may be missing before: the control plane was off, or the watch was lost. */
  readonly gaps: readonly number[];
}

export interface ObjectVersion {
  readonly time: number;
  readonly revision: number;
  readonly key: string;
  readonly text: string | undefined;
}

export interface JournalChange {
  readonly key: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** When it last changed within the two moments, in Unix ms. */
  readonly time: number;
}

export interface ChainReport {
  readonly intact: boolean;
  readonly lines: number;
  /** Where the chain breaks. */
  readonly broken?: { readonly segment: number; readonly line: number };
}

export interface JournalReader {
  span(buckets: number): Promise<JournalSpan>;
  /** The objects under `prefixes` as of `time`, by key; undefined when the journal does not reach back so far. */
  stateAt(time: number, prefixes: readonly string[]): Promise<ReadonlyMap<string, JournalEntry> | undefined>;
  /** What differs between two moments; the first that the journal knows when it does not reach back so far. */
  changesBetween(from: number, to: number, prefixes: readonly string[]): Promise<readonly JournalChange[]>;
  /** The newest `most` versions of one object, oldest first. */
  versionsOf(key: string, most: number): Promise<readonly ObjectVersion[]>;
  verify(): Promise<ChainReport>;
}

/** The reader of the journal in `folder`. */
export function createJournalReader(folder: string): JournalReader {
  const stateAt: JournalReader['stateAt'] = async (time, prefixes) => {
    const found = (await listSegments(folder)).findLast((segment) => segment.time <= time);
    return found && playUntil(found, time, prefixes);
  };
  return {
    stateAt,
    span: (buckets) => readSpan(folder, buckets),
    async changesBetween(from, to, prefixes) {
      const first = (await listSegments(folder))[0];
      if (first === undefined) return [];
      const removedAt = new Map<string, number>();
      const before = await stateAt(Math.max(from, first.time), prefixes);
      const last = (await listSegments(folder)).findLast((segment) => segment.time <= to);
      const after = last && (await playUntil(last, to, prefixes, removedAt));
      return compare(before ?? new Map(), after ?? new Map(), (key) => removedAt.get(key) ?? last?.time ?? to);
    },
    async versionsOf(key, most) {
      const versions: ObjectVersion[] = [];
      let last: number | undefined;
      for (const segment of await listSegments(folder)) {
        for await (const entry of readEntries(segment)) {
          if (entry.key !== key || entry.revision === last) continue; // every picture repeats what was there
          last = entry.revision;
          versions.push({ time: entry.time, revision: entry.revision, key, text: entry.text });
          if (versions.length > most) versions.shift();
        }
      }
      return versions;
    },
    verify: () => verifyChain(folder),
  };
}

/** The digest of a segment's last whole line. */
export async function lastDigest(path: string): Promise<string> {
  let digest = '';
  for await (const line of readLines(path)) digest = splitLine(line)?.digest ?? digest;
  return digest;
}

async function* readEntries(segment: SegmentFile): AsyncGenerator<JournalEntry> {
  for await (const line of readLines(segment.path)) {
    const entry = readEntry(splitLine(line)?.body ?? '');
    if (entry !== undefined) yield entry;
  }
}

async function playUntil(
  segment: SegmentFile,
  time: number,
  prefixes: readonly string[],
  removedAt?: Map<string, number>,
): Promise<ReadonlyMap<string, JournalEntry>> {
  const state = new Map<string, JournalEntry>();
  for await (const entry of readEntries(segment)) {
    if (!entry.opening && entry.time > time) break;
    if (!prefixes.some((prefix) => entry.key.startsWith(prefix))) continue;
    if (entry.text === undefined) {
      state.delete(entry.key);
      removedAt?.set(entry.key, entry.time);
    } else state.set(entry.key, entry);
  }
  return state;
}

function compare(
  before: ReadonlyMap<string, JournalEntry>,
  after: ReadonlyMap<string, JournalEntry>,
  removedAt: (key: string) => number,
): JournalChange[] {
  const changes: JournalChange[] = [];
  for (const [key, { revision, time }] of after) {
    const old = before.get(key);
    if (old === undefined) changes.push({ key, change: 'added', time });
    else if (old.revision !== revision) changes.push({ key, change: 'changed', time });
  }
  for (const key of before.keys()) if (!after.has(key)) changes.push({ key, change: 'removed', time: removedAt(key) });
  return changes;
}

async function readSpan(folder: string, buckets: number): Promise<JournalSpan> {
  const segments = await listSegments(folder);
  const from = segments[0]?.time;
  const times: number[] = [];
  const gaps: number[] = [];
  let to = from;
  for (const segment of segments) {
    for await (const line of readLines(segment.path)) {
      const body = splitLine(line)?.body ?? '';
      const entry = readEntry(body);
      if (entry !== undefined && !entry.opening) times.push(entry.time);
      const head = entry === undefined ? readHead(body) : undefined;
      if (head !== undefined && isGap(head, segments)) gaps.push(head.time);
      to = Math.max(to ?? 0, entry?.time ?? head?.time ?? 0);
    }
  }
  const bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
  if (from === undefined || to === undefined)
    return { segments: 0, bytes, activity: Array.from({ length: buckets }, () => 0), gaps };
  return { from, to, segments: segments.length, bytes, activity: countBy(times, from, to, buckets), gaps };
}

/** The very first start is a beginning and no gap. */
function isGap({ reason, segment }: SegmentHead, segments: readonly SegmentFile[]): boolean {
  return reason !== 'rotation' && segment !== segments[0]?.segment;
}

function countBy(times: readonly number[], from: number, to: number, buckets: number): number[] {
  const counts = Array.from({ length: buckets }, () => 0);
  const width = Math.max(1, to - from) / buckets;
  for (const time of times) {
    const bucket = Math.min(buckets - 1, Math.floor((time - from) / width));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

async function verifyChain(folder: string): Promise<ChainReport> {
  const segments = await listSegments(folder);
  let lines = 0;
  let digest: string | undefined;
  for (const { segment, path } of segments) {
    let line = 0;
    for await (const text of readLines(path)) {
      line++;
      lines++;
      const parts = splitLine(text);
      const head = line === 1 && parts !== undefined ? readHead(parts.body) : undefined;
      // The oldest segment hangs on one that is gone: its own word is taken for where the chain begins.
      if (digest === undefined && head !== undefined) digest = head.previous;
      const follows = line !== 1 || head?.previous === digest;
      if (parts === undefined || !follows || digestOf(digest ?? '', parts.body) !== parts.digest)
        return { intact: false, lines, broken: { segment, line } };
      digest = parts.digest;
    }
  }
  return { intact: true, lines };
}
