// Tells whether an audit record is as it was written: every hash, every link, every number, and the signed end. Reads the
// file once, in bounded memory.
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isSignedBy, isTrusted, keyFingerprint } from '../bundle/signature.ts';
import { type AuditHead, beginning, headContent, parseEntry, sealOf, type SealedEntry } from './audit-log.ts';

export type AuditFault = 'unreadable' | 'changed' | 'missing' | 'cut' | 'headMissing' | 'headForged';

export interface AuditVerdict {
  readonly ok: boolean;
  readonly entries: number;
  /** Who sealed the end, `SHA256:…`. */
  readonly fingerprint?: string;
  /** The first thing wrong: `line` counts from 1. */
  readonly fault?: { readonly kind: AuditFault; readonly line: number };
}

/** Reads the record at `path`, which may be absent. */
export async function verifyAudit(path: string, home?: string): Promise<AuditVerdict> {
  if (!existsSync(path)) return existsSync(`${path}.head`) ? bad(0, 'cut', 0) : { ok: true, entries: 0 };
  let previous: Pick<SealedEntry, 'seq' | 'hash'> = { seq: 0, hash: beginning };
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line += 1;
    if (text === '') continue;
    const entry = parseEntry(text);
    if (entry === undefined) return bad(previous.seq, 'unreadable', line);
    if (sealOf(entry) !== entry.hash) return bad(previous.seq, 'changed', line);
    if (entry.seq !== previous.seq + 1 || entry.prev !== previous.hash) return bad(previous.seq, 'missing', line);
    previous = entry;
  }
  if (!existsSync(`${path}.head`)) return bad(previous.seq, 'headMissing', line);
  const head = JSON.parse(await readFile(`${path}.head`, 'utf8')) as AuditHead;
  const fingerprint = keyFingerprint(head.publicKey);
  const isGenuine =
    isSignedBy(head.publicKey, headContent(head), Buffer.from(head.signature, 'base64')) &&
    (await isTrusted(head.publicKey, home));
  if (!isGenuine) return { ...bad(previous.seq, 'headForged', line), fingerprint };
  if (head.seq !== previous.seq || head.hash !== previous.hash)
    return { ...bad(previous.seq, 'cut', line), fingerprint };
  return { ok: true, entries: previous.seq, fingerprint };
}

function bad(entries: number, kind: AuditFault, line: number): AuditVerdict {
  return { ok: false, entries, fault: { kind, line } };
}

/** The entries of a record, one after the other. */
export async function* readAudit(path: string): AsyncGenerator<SealedEntry> {
  if (!existsSync(path)) return;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const entry = parseEntry(text);
    if (entry !== undefined) yield entry;
  }
}
