// The audit log as a file of JSON lines, rotated by size and pruned by age and number. Events wait in a bounded buffer
// while the disk is slow; beyond it they are dropped and counted, so that a full disk costs events, never the server.
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { AuditSink } from './auditor.ts';

export interface AuditLogOptions {
  /** The file; its folder is made when missing. */
  readonly path: string;
  /** The file is put aside before it grows beyond this. */
  readonly maxSizeBytes: number;
  /** How many files put aside are kept; 0 keeps all. */
  readonly maxBackups: number;
  /** Files put aside longer ago than this go; 0 keeps all. */
  readonly maxAgeMs: number;
  /** Events that may wait in memory, in bytes (default 16 MiB). */
  readonly maxBufferedBytes?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The open log. */
export interface AuditLog extends AuditSink {
  /** Events that could not be written. */
  readonly dropped: number;
  readonly written: number;
  /** Writes what waits and closes the file. */
  close(): Promise<void>;
}

const complainEveryMs = 60_000;

/** Opens the log for appending. */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { path, clock, logger, maxBufferedBytes = 16 * 1024 * 1024 } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let file: FileHandle | undefined = await open(path, 'a', 0o600);
  let size = (await file.stat()).size;
  let waiting: string[] = [];
  let waitingBytes = 0;
  let flushing: Promise<void> | undefined;
  let dropped = 0;
  let written = 0;
  let complainedMs = -complainEveryMs;
  let putAsideMs = 0;
  let isClosed = false;

  const drop = (count: number, error?: unknown): void => {
    dropped += count;
    if (clock.now() - complainedMs < complainEveryMs) return;
    complainedMs = clock.now();
    logger.error(
      { err: error, path, dropped },
      'audit events are lost: the log cannot be written fast enough, or at all',
    );
  };

  const rotate = async (): Promise<void> => {
    await file?.close();
    file = undefined;
    // Two files of one millisecond must not take each other's name.
    putAsideMs = Math.max(clock.now(), putAsideMs + 1);
    await rename(path, backupName(path, putAsideMs));
    await prune(options);
  };

  const append = async (lines: string): Promise<void> => {
    const bytes = Buffer.byteLength(lines);
    if (size > 0 && size + bytes > options.maxSizeBytes) await rotate();
    if (file === undefined) {
      file = await open(path, 'a', 0o600);
      size = (await file.stat()).size;
    }
    await file.appendFile(lines);
    size += bytes;
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      waitingBytes = 0;
      try {
        for (const lines of chunksOf(batch, options.maxSizeBytes)) await append(lines);
        written += batch.length;
      } catch (error) {
        drop(batch.length, error);
        await file?.close().catch(() => undefined);
        file = undefined;
      }
    }
    flushing = undefined;
  };

  return {
    get dropped() {
      return dropped;
    },
    get written() {
      return written;
    },
    write(event) {
      const line = `${JSON.stringify(event)}\n`;
      // UTF-16 length is close enough to bytes for a bound.
      if (isClosed || waitingBytes + line.length > maxBufferedBytes) return drop(1);
      waiting.push(line);
      waitingBytes += line.length;
      flushing ??= Promise.resolve().then(flush);
    },
    async close() {
      isClosed = true;
      await flushing;
      await file?.close();
      file = undefined;
    },
  };
}

/** Joins lines into writes, none of which makes a file much larger than it may be. */
function* chunksOf(lines: readonly string[], maxBytes: number): Generator<string> {
  let chunk: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const length = Buffer.byteLength(line);
    if (chunk.length > 0 && bytes + length > Math.min(maxBytes, 1 << 20)) {
      yield chunk.join('');
      chunk = [];
      bytes = 0;
    }
    chunk.push(line);
    bytes += length;
  }
  if (chunk.length > 0) yield chunk.join('');
}

/** `audit-2026-11-23T18-40-59.123.log` beside `audit.log`: names sort by time. */
function backupName(path: string, nowMs: number): string {
  const extension = extname(path);
  const stamp = new Date(nowMs).toISOString().slice(0, -1).replaceAll(':', '-');
  return join(dirname(path), `${basename(path, extension)}-${stamp}${extension}`);
}

async function prune({ path, maxBackups, maxAgeMs, clock }: AuditLogOptions): Promise<void> {
  const extension = extname(path);
  const start = `${basename(path, extension)}-`;
  const isBackup = (name: string): boolean =>
    name.startsWith(start) &&
    name.endsWith(extension) &&
    /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/.test(name.slice(start.length, name.length - extension.length));
  const backups = (await readdir(dirname(path))).filter(isBackup).sort().reverse();
  for (const [index, name] of backups.entries()) {
    const full = join(dirname(path), name);
    const isOld = maxAgeMs > 0 && clock.now() - (await stat(full)).mtimeMs > maxAgeMs;
    if (isOld || (maxBackups > 0 && index >= maxBackups)) await rm(full, { force: true });
  }
}
