// Reads trails out of a cluster's record: as the screen shows them, and as lines to keep elsewhere.
import { readFile } from 'node:fs/promises';
import type { TrailEntryView, TrailStep, TrailSummary, TrailView } from '../../../api/console/index.ts';
import type { SealedEntry, TrailEntry } from '../../../provisioning/audit/audit-log.ts';
import { readAudit, verifyAudit } from '../../../provisioning/audit/verify-audit.ts';
import { clusterPaths } from '../../../provisioning/paths.ts';
import { ServiceError } from '../errors.ts';
import { aboutOf } from './trail-facts.ts';

const mostOutput = 4000;
/** So many actions are listed. */
export const mostListed = 200;

/** The line of an action as its summary. */
export function summaryOf({ trace, at, who, facts: { command, ...facts } }: TrailEntry): TrailSummary {
  return { id: trace, at: Date.parse(at), who, command: String(command), about: aboutOf(facts) };
}

/** The newest actions of a cluster, newest first. */
export async function listTrails(clusterId: string, home: string): Promise<TrailSummary[]> {
  const found: TrailSummary[] = [];
  for await (const entry of readAudit(clusterPaths(clusterId, home).auditLog))
    if ('kind' in entry && entry.kind === 'action') found.push(summaryOf(entry));
  return found.reverse().slice(0, mostListed);
}

/** The entries of one trace, sealed as they are in the record. */
export async function entriesOf(clusterId: string, trace: string, home: string): Promise<SealedEntry[]> {
  const entries: SealedEntry[] = [];
  for await (const entry of readAudit(clusterPaths(clusterId, home).auditLog))
    if (entry.trace === trace) entries.push(entry);
  return entries;
}

/** A whole trail, and whether the record that holds it is as it was written; throws ServiceError `NotFound`. */
export async function readTrail(clusterId: string, trace: string, home: string): Promise<TrailView> {
  const entries = await entriesOf(clusterId, trace, home);
  const action = entries.find((entry) => 'kind' in entry && entry.kind === 'action');
  if (action === undefined || !('kind' in action)) throw new ServiceError('NotFound', 'There is no such trail.');
  const { ok, entries: count, fault } = await verifyAudit(clusterPaths(clusterId, home).auditLog, home);
  return {
    ...summaryOf(action),
    entries: entries.flatMap((entry) => viewOf(entry) ?? []),
    record: { ok, entries: count, ...(fault && { line: fault.line }) },
  };
}

/** One JSON line per entry with its seal, and the signed end of the whole record. */
export async function exportTrail(clusterId: string, trace: string, home: string): Promise<string> {
  const entries = await entriesOf(clusterId, trace, home);
  if (entries.length === 0) throw new ServiceError('NotFound', 'There is no such trail.');
  const head = await readFile(`${clusterPaths(clusterId, home).auditLog}.head`, 'utf8');
  return [...entries.map((entry) => JSON.stringify(entry)), head.trim(), ''].join('\n');
}

function viewOf(entry: SealedEntry): TrailEntryView | undefined {
  const { seq, hash } = entry;
  const step = stepOf(entry);
  return step && { seq, hash, at: Date.parse(entry.at), ...step };
}

function stepOf(entry: SealedEntry): TrailStep | undefined {
  if ('command' in entry) {
    const { machine, command, output, code } = entry;
    return { kind: 'command', machine, command, output: output.slice(-mostOutput), code };
  }
  if (entry.kind === 'action') return undefined;
  return { kind: entry.kind, ...entry.facts } as unknown as TrailStep; // sealed as it was noted
}
