// The record of every command that was run on any machine of a cluster, with its output, and of what else an action in the
// console led to (its writes to the API, the containers that came of it): one JSON line each, every line sealed by the hash of itself and of the line before, and the end by a signed head, so that a change, a gap or a cut is
// found. Commands' input is never written, and of secret output only its size and hash. Several processes may append.
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { SigningKey } from '../bundle/signature.ts';

/** One command on one machine. */
export interface CommandEntry {
  readonly at: string;
  /** Who ran it, as `user@computer`. */
  readonly who: string;
  readonly machine: string;
  readonly command: string;
  readonly inputBytes?: number;
  /** Null when a signal or a lost connection ended it. */
  readonly code: number | null;
  readonly output: string;
  /** The whole output's SHA-256, where `output` is not all of it. */
  readonly outputSha256?: string;
  readonly elapsedMs: number;
  /** The action of a person that it is part of. */
  readonly trace?: string;
}

/** What else belongs to an action: the click itself, a write to the API, a container that started or ended, its end. */
export interface TrailEntry {
  readonly at: string;
  readonly who: string;
  readonly trace: string;
  readonly kind: 'action' | 'write' | 'container' | 'end';
  /** Never contents of objects. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export type AuditEntry = CommandEntry | TrailEntry;

interface Place {
  readonly seq: number;
  readonly prev: string;
}

/** An entry in its place in the chain. */
export type SealedEntry = AuditEntry & Place & { readonly hash: string };

/** What the first entry follows. */
export const beginning = '0'.repeat(64);

/** The hash that seals an entry: over everything else in it. */
export function sealOf(entry: AuditEntry & Place): string {
  return createHash('sha256')
    .update(JSON.stringify(wordsOf(entry)))
    .digest('hex');
}

function wordsOf(entry: AuditEntry & Place): unknown[] {
  const { seq, prev, at, who } = entry;
  if ('kind' in entry) {
    const facts = Object.entries(entry.facts).sort(([a], [b]) => (a < b ? -1 : 1));
    return [seq, prev, at, who, entry.kind, entry.trace, facts];
  }
  const { machine, command, inputBytes, code, output, outputSha256, elapsedMs, trace } = entry;
  return [
    seq,
    prev,
    at,
    who,
    machine,
    command,
    inputBytes ?? null,
    code,
    output,
    outputSha256 ?? null,
    elapsedMs,
    ...(trace === undefined ? [] : [trace]),
  ];
}

/** The end of the chain, signed by the console that wrote it. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
  readonly publicKey: string;
  readonly signature: string;
}

/** What a head's signature is over. */
export function headContent({ seq, hash }: Pick<AuditHead, 'seq' | 'hash'>): Buffer {
  return Buffer.from(`pilothouse audit ${seq} ${hash}`);
}

export interface AuditLog {
  append(entry: AuditEntry): void;
}

interface End {
  readonly seq: number;
  readonly hash: string;
  /** The file's size when this was its end. */
  readonly size: number;
}

/** Opens the log at `path`; it and its head (`path`.head) come with the first entry. */
export function openAuditLog(path: string, key: SigningKey): AuditLog {
  let end: End = { seq: 0, hash: beginning, size: 0 };
  return {
    append(entry) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const release = lock(`${path}.lock`);
      try {
        const file = openSync(path, 'a+', 0o600);
        try {
          const { size } = fstatSync(file);
          if (size !== end.size) end = readEnd(file, size);
          const placed = { ...entry, seq: end.seq + 1, prev: end.hash };
          const hash = sealOf(placed);
          // A line that a crash cut is left as it is, and seen by verification; the next begins on its own line.
          const glue = endsWithNewline(file, size) ? '' : '\n';
          const line = Buffer.from(`${glue}${JSON.stringify({ ...placed, hash })}\n`);
          writeSync(file, line);
          end = { seq: placed.seq, hash, size: size + line.length };
        } finally {
          closeSync(file);
        }
        const signature = key.sign(headContent(end)).toString('base64');
        const head: AuditHead = { seq: end.seq, hash: end.hash, publicKey: key.publicKey, signature };
        writeFileSync(`${path}.head.new`, `${JSON.stringify(head)}\n`, { mode: 0o600 });
        renameSync(`${path}.head.new`, `${path}.head`);
      } finally {
        release();
      }
    },
  };
}

function endsWithNewline(file: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === 10;
}

/** The last whole entry of the file, found from its end. */
function readEnd(file: number, size: number): End {
  for (let window = 2 ** 16; ; window *= 8) {
    const from = Math.max(0, size - window);
    const bytes = Buffer.alloc(size - from);
    readSync(file, bytes, 0, bytes.length, from);
    const lines = bytes.toString('utf8').split('\n').filter(Boolean);
    for (const line of from === 0 ? lines.reverse() : lines.slice(1).reverse()) {
      const entry = parseEntry(line);
      if (entry !== undefined) return { seq: entry.seq, hash: entry.hash, size };
    }
    if (from === 0) return { seq: 0, hash: beginning, size };
  }
}

/** The entry on a line; undefined for anything else. */
export function parseEntry(line: string): SealedEntry | undefined {
  try {
    const value = JSON.parse(line) as Partial<SealedEntry>;
    return typeof value.seq === 'number' && typeof value.hash === 'string' ? (value as SealedEntry) : undefined;
  } catch {
    return undefined; // cut by a crash
  }
}

/** Holds the lock file for an instant; one whose process is gone is taken over. */
function lock(path: string): () => void {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      if (performance.now() > deadline || isAbandoned(path)) rmSync(path, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function isAbandoned(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const file = openSync(path, 'r');
    const text = Buffer.alloc(16);
    const length = readSync(file, text);
    closeSync(file);
    const pid = Number(text.subarray(0, length).toString());
    if (!Number.isInteger(pid) || pid <= 0) return false; // its writer is just about to say
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
