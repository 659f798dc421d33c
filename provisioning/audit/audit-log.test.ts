import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signingKey } from '../bundle/signature.ts';
import { type AuditEntry, openAuditLog } from './audit-log.ts';
import { readAudit, verifyAudit } from './verify-audit.ts';

let home = '';
const path = (): string => join(home, 'audit.ndjson');
const entry = (command: string): AuditEntry => ({
  at: '2026-01-01T00:00:00.000Z',
  who: 'a@b',
  machine: 'm',
  command,
  code: 0,
  output: 'fine',
  elapsedMs: 1,
});

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'pilothouse-audit-'));
  const key = await signingKey(home);
  // Two writers in turn, as two consoles' processes are.
  const logs = [openAuditLog(path(), key), openAuditLog(path(), key)];
  for (let i = 0; i < 6; i += 1) logs[i % 2]?.append(entry(`command ${i}`));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('what is written verifies and reads back in order', async () => {
  expect(await verifyAudit(path(), home)).toMatchObject({ ok: true, entries: 6 });
  const commands: string[] = [];
  for await (const one of readAudit(path())) commands.push('command' in one ? one.command : one.kind);
  expect(commands).toEqual([0, 1, 2, 3, 4, 5].map((i) => `command ${i}`));
});

test('what an action led to is in the same chain, and as little to be changed', async () => {
  const log = openAuditLog(path(), await signingKey(home));
  const { at, who } = entry('');
  const trace = 'a'.repeat(32);
  log.append({ at, who, trace, kind: 'action', facts: { command: 'pods.delete', name: 'web' } });
  log.append({ ...entry('traced'), trace });
  expect(await verifyAudit(path(), home)).toMatchObject({ ok: true, entries: 8 });
  const whole = readFileSync(path(), 'utf8');
  for (const [from, to] of [
    ['"name":"web"', '"name":"wab"'],
    [`"kind":"action"`, `"kind":"write"`],
    [`"elapsedMs":1,"trace":"${trace}"`, `"elapsedMs":1`],
  ] as const) {
    expect(whole).toContain(from);
    writeFileSync(path(), whole.replace(from, to));
    expect(await verifyAudit(path(), home)).toMatchObject({ ok: false, fault: { kind: 'changed' } });
  }
});

test.each<[string, (lines: string[]) => string[], string]>([
  ['a changed word', (lines) => lines.map((line, i) => (i === 2 ? line.replace('fine', 'fire') : line)), 'changed'],
  ['a line less in the middle', (lines) => lines.filter((_, i) => i !== 3), 'missing'],
  ['two lines in another order', ([a = '', b = '', ...rest]) => [b, a, ...rest], 'missing'],
  ['a cut end', (lines) => lines.slice(0, -1), 'cut'],
  ['half a line', (lines) => [...lines.slice(0, -1), (lines.at(-1) ?? '').slice(0, 40)], 'unreadable'],
])('%s is found', async (_, change, kind) => {
  const lines = readFileSync(path(), 'utf8').trimEnd().split('\n');
  writeFileSync(path(), `${change(lines).join('\n')}\n`);
  expect(await verifyAudit(path(), home)).toMatchObject({ ok: false, fault: { kind } });
});

test('a record written anew by another key is found', async () => {
  rmSync(path());
  const stranger = openAuditLog(path(), await signingKey(join(home, 'stranger')));
  stranger.append(entry('forged'));
  expect(await verifyAudit(path(), home)).toMatchObject({ ok: false, fault: { kind: 'headForged' } });
  rmSync(path());
  expect(await verifyAudit(path(), home)).toMatchObject({ ok: false, fault: { kind: 'cut' } });
});
