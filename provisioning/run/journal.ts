// The journal of what was changed on a machine. It lives on the machine, one JSON line per event, appended and synced
// before a step begins, and is mirrored to the console. The first record of a step that was not reverted since wins.
import { mkdirSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';

export const journalFolder = '/var/lib/pilothouse/journal';

export interface JournalEntry {
  readonly at: string;
  readonly run: string;
  readonly kind: string;
  readonly phase: 'begin' | 'done' | 'failed' | 'reverted';
  readonly record?: unknown;
  readonly error?: string;
}

/** A step that has changed, or may have changed, the machine and was not reverted. */
export interface OpenStep {
  readonly kind: string;
  readonly record: unknown;
  readonly done: boolean;
}

/** One machine's journal during a run. */
export interface Journal {
  /** Steps to revert, in the order they began. */
  open(): readonly OpenStep[];
  append(entry: Omit<JournalEntry, 'at' | 'run'>): Promise<void>;
  /** Takes the journal off the machine; the mirror stays. */
  erase(): Promise<void>;
}

/** Reads the machine's journal of `cluster`. `run` names this run in new lines; the mirror is brought up to date. */
export async function openJournal(
  transport: Transport,
  cluster: string,
  run: string,
  mirrorPath: string,
  now: () => Date = () => new Date(),
): Promise<Journal> {
  const path = `${journalFolder}/${cluster}.ndjson`;
  const textSoFar = (await transport.readFile(path)) ?? '';
  const entries = parseJournal(textSoFar);
  mkdirSync(dirname(mirrorPath), { recursive: true, mode: 0o700 });
  if (textSoFar !== '') await writeFile(mirrorPath, textSoFar, { mode: 0o600 });
  let tail: Promise<unknown> = Promise.resolve();
  return {
    open: () => openSteps(entries),
    append(entry) {
      const full: JournalEntry = { at: now().toISOString(), run, ...entry };
      const line = `${JSON.stringify(full)}\n`;
      const write = tail.then(async () => {
        const folders = `umask 077; mkdir -p -m 755 /var/lib/pilothouse && mkdir -p ${journalFolder}`;
        await transport.run(`${folders} && ${appendLine(path)}`, { stdin: line });
        entries.push(full);
        await appendFile(mirrorPath, line, { mode: 0o600 });
      });
      tail = write.catch(() => undefined);
      return write;
    },
    async erase() {
      await tail;
      await transport.run(`rm -f ${quote(path)}; rmdir ${journalFolder} /var/lib/pilothouse 2>/dev/null || true`);
    },
  };
}

/**
 * Shell that appends the line on its input to `path` and syncs it. A line that a lost connection cut is not written at all,
 * and what a full disk left of an earlier one gets a line of its own: it must not take the next one with it.
 */
export function appendLine(path: string): string {
  const target = quote(path);
  return `IFS= read -r line && { [ -z "$(tail -c1 ${target} 2>/dev/null)" ] || echo >> ${target}; } && printf '%s\\n' "$line" >> ${target} && sync ${target}`;
}

/** The entries of a journal; a last line cut by a crash is left out. */
export function parseJournal(text: string): JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as JournalEntry];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
}

/** What is still to be reverted, in order of beginning. */
export function openSteps(entries: readonly JournalEntry[]): OpenStep[] {
  const open = new Map<string, { kind: string; record: unknown; done: boolean }>();
  for (const entry of entries) {
    if (entry.phase === 'reverted') open.delete(entry.kind);
    else if (entry.phase === 'begin' && !open.has(entry.kind)) {
      open.set(entry.kind, { kind: entry.kind, record: entry.record, done: false });
    } else {
      const step = open.get(entry.kind);
      if (step !== undefined) step.done = entry.phase === 'done';
    }
  }
  return [...open.values()];
}
