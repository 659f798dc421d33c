import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalTransport } from '../transport/local.ts';
import { appendLine, type JournalEntry, openSteps, parseJournal } from './journal.ts';

const entry = (kind: string, phase: JournalEntry['phase'], record?: unknown): JournalEntry => ({
  at: '',
  run: '',
  kind,
  phase,
  ...(record === undefined ? {} : { record }),
});

test('what was found before the first attempt is what revert gets', () => {
  const steps = openSteps([
    entry('docker', 'begin', 'as found'),
    entry('docker', 'failed'),
    entry('docker', 'begin', 'half made'),
    entry('docker', 'done'),
  ]);
  expect(steps).toEqual([{ kind: 'docker', record: 'as found', done: true }]);
});

test('a reverted step may be done anew with a new record', () => {
  const steps = openSteps([entry('a', 'begin', 1), entry('a', 'done'), entry('a', 'reverted'), entry('a', 'begin', 2)]);
  expect(steps).toEqual([{ kind: 'a', record: 2, done: false }]);
});

test('a step begun again after it was done is not done', () => {
  const steps = openSteps([entry('a', 'begin', 1), entry('a', 'done'), entry('a', 'begin'), entry('b', 'begin', 2)]);
  expect(steps.map(({ kind, done }) => [kind, done])).toEqual([
    ['a', false],
    ['b', false],
  ]);
});

test('a last line cut by a crash is left out', () => {
  expect(parseJournal(`${JSON.stringify(entry('a', 'begin'))}\n{"at":"2026`)).toHaveLength(1);
});

test('a line cut on its way is not written, and what a full disk left of one does not take the next with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-journal-'));
  const path = join(folder, 'journal');
  const machine = createLocalTransport('here');
  const line = `${JSON.stringify(entry('a', 'begin', "it's \\ 100 %\n"))}\n`;
  try {
    await machine.run(appendLine(path), { stdin: line });
    expect((await machine.exec(appendLine(path), { stdin: line.slice(0, -9) })).code).not.toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(line);
    writeFileSync(path, line.slice(0, -9), { flag: 'a' });
    await machine.run(appendLine(path), { stdin: line });
    expect(parseJournal(readFileSync(path, 'utf8'))).toEqual(parseJournal(line + line));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
