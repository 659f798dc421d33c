// The lines of a journal: each carries a digest of itself and of the line before, so that nothing can be changed, left out
// or put in between without breaking the chain. Pure but for the digest.
//   DIGEST {"t":1764000000000,"r":4812,"k":"/registry/pods/default/web","o":{…}}     an object as of then; null: deleted
//   DIGEST {"s":1,"t":…,"r":…,"k":…,"o":{…}}                                          part of a segment's opening picture
//   DIGEST {"segment":7,"t":…,"r":…,"reason":"rotation","previous":"DIGEST"}          a segment's first line
import { hash } from 'node:crypto';

export type SegmentReason = 'start' | 'rotation' | 'gap';

export interface SegmentHead {
  readonly segment: number;
  /** Unix ms. */
  readonly time: number;
  /** The revision of the opening picture. */
  readonly revision: number;
  /** `start`: the control plane started; `gap`: the watch was lost for a while; `rotation`: the file before was full. */
  readonly reason: SegmentReason;
  /** The digest of the last line of the segment before; empty for the first. */
  readonly previous: string;
}

export interface JournalEntry {
  readonly time: number;
  readonly revision: number;
  readonly key: string;
  /** The object's JSON; absent for a deletion. */
  readonly text: string | undefined;
  /** Whether it belongs to the opening picture. */
  readonly opening: boolean;
}

const digestLength = 43;
const entryPattern = /^\{(?<opening>"s":1,)?"t":(?<time>\d+),"r":(?<revision>\d+),"k":"(?<key>[^"]*)","o":/;

/** The digest that a line with this body must carry after a line with the digest `previous`. */
export function digestOf(previous: string, body: string): string {
  return hash('sha256', previous + body, 'base64url');
}

/** What an entry's line carries, the object as JSON in bytes, of which nothing is copied but into the line. */
export interface EntryBytes extends Omit<JournalEntry, 'text'> {
  /** Absent for a deletion. */
  readonly bytes: Uint8Array | undefined;
}

const nothing = Buffer.from('null');

/** A whole line behind a line with the digest `previous`. Keys of /registry/ hold nothing that JSON would escape. */
export function entryLine(
  previous: string,
  { time, revision, key, bytes = nothing, opening }: EntryBytes,
): { readonly digest: string; readonly line: Buffer } {
  const head = `{${opening ? '"s":1,' : ''}"t":${time},"r":${revision},"k":"${key}","o":`;
  return lineOf(previous, Buffer.byteLength(head) + bytes.length + 1, (line, at) => {
    const from = at + line.write(head, at);
    line.set(bytes, from);
    line.write('}', from + bytes.length);
  });
}

export function headLine(
  previous: string,
  head: Omit<SegmentHead, 'previous'>,
): { readonly digest: string; readonly line: Buffer } {
  const body = headBody({ ...head, previous });
  return lineOf(previous, Buffer.byteLength(body), (line, at) => void line.write(body, at));
}

/** Digest, space, body, end of line. What the digest is of stands in the line's own memory: the one before, then the body. */
function lineOf(
  previous: string,
  bodyLength: number,
  writeBody: (line: Buffer, at: number) => void,
): { readonly digest: string; readonly line: Buffer } {
  const bodyAt = digestLength + 1;
  const line = Buffer.allocUnsafe(bodyAt + bodyLength + 1);
  const from = bodyAt - line.write(previous, bodyAt - previous.length, 'latin1');
  writeBody(line, bodyAt);
  const digest = hash('sha256', line.subarray(from, bodyAt + bodyLength), 'base64url');
  line.write(`${digest} `, 0, 'latin1');
  line.write('\n', bodyAt + bodyLength);
  return { digest, line };
}

function headBody({ segment, time, revision, reason, previous }: SegmentHead): string {
  return JSON.stringify({ segment, t: time, r: revision, reason, previous });
}

/** A line's two halves; undefined for one that was cut short. */
export function splitLine(line: string): { digest: string; body: string } | undefined {
  if (line[digestLength] !== ' ' || !line.endsWith('}')) return undefined;
  return { digest: line.slice(0, digestLength), body: line.slice(digestLength + 1) };
}

/** Reads an entry without parsing its object; undefined for anything else. */
export function readEntry(body: string): JournalEntry | undefined {
  const match = entryPattern.exec(body);
  if (match?.groups === undefined) return undefined;
  const { opening, time, revision, key = '' } = match.groups;
  const text = body.slice(match[0].length, -1);
  return {
    time: Number(time),
    revision: Number(revision),
    key,
    text: text === 'null' ? undefined : text,
    opening: opening !== undefined,
  };
}

/** Reads a segment's first line; undefined for anything else. */
export function readHead(body: string): SegmentHead | undefined {
  if (!body.startsWith('{"segment":')) return undefined;
  const { segment, t, r, reason, previous } = JSON.parse(body) as Record<string, unknown>;
  return {
    segment: Number(segment),
    time: Number(t),
    revision: Number(r),
    reason: reason as SegmentReason,
    previous: String(previous),
  };
}
