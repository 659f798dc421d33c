// Prepares the database with which new etcd members begin. Written anew rather than edited, so that nothing of the lost
// cluster but its objects goes along: members, alarms and the raft position are left behind, all keys and leases kept.
//
// Clients may have seen revisions that the backup never had. So the restored store says that everything up to
// `revision + bump` is compacted: etcd then counts on from there (mvcc/kvstore.go, restore: "the correct revision should be
// set to compaction revision"), no revision is given twice, and a watch that resumes anywhere in between is told
// `compacted` and lists again. The mark alone does this in etcd 3.4 as in 3.6, which has `--bump-revision` for it.
import { openBolt } from './bolt-reader.ts';
import type { BoltEntry, BoltFile } from './bolt-reader.ts';
import { writeBolt } from './bolt-writer.ts';
import type { BoltBucket } from './bolt-writer.ts';
import { formatRevision } from './key-value.ts';
import { readDatabaseState } from './etcd-database.ts';
import type { DatabaseState } from './etcd-database.ts';

/** More writes than a cluster makes between two backups: a week of 1,650 a second. */
export const revisionBump = 1_000_000_000;

/** Buckets that describe the cluster that is gone. */
const leftBehind = new Set(['members', 'members_removed', 'alarm']);
/** Keys of `meta` that describe the raft log that is gone, or that are written anew. */
const metaLeftBehind = new Set(['consistent_index', 'term', 'confState', 'scheduledCompactRev', 'finishedCompactRev']);

export interface RestoredDatabase extends DatabaseState {
  /** The revision that the new cluster counts on from. */
  readonly startRevision: number;
}

/**
 * Writes the database of a new cluster from a snapshot or database file. `bump` 0 keeps the revision, for a throw-away
 * proof that compares it. Throws BoltError when the source is damaged.
 */
export async function restoreDatabase(
  source: string,
  target: string,
  bump: number = revisionBump,
  signal?: AbortSignal,
): Promise<RestoredDatabase> {
  const state = await readDatabaseState(source, signal);
  const startRevision = state.revision + bump;
  const file = await openBolt(source);
  try {
    await writeBolt(target, bucketsOf(file, await file.bucketNames(), bump > 0 ? startRevision : undefined, signal));
  } finally {
    await file.close();
  }
  return { ...state, startRevision };
}

function* bucketsOf(
  file: BoltFile,
  names: readonly string[],
  compacted: number | undefined,
  signal: AbortSignal | undefined,
): Generator<BoltBucket> {
  for (const name of names) {
    signal?.throwIfAborted();
    if (leftBehind.has(name)) yield { name, entries: [] };
    else if (name === 'meta') yield { name, entries: metaEntries(file, compacted) };
    else yield { name, entries: file.entries(name) };
  }
}

async function* metaEntries(file: BoltFile, compacted: number | undefined): AsyncIterable<BoltEntry> {
  const kept: BoltEntry[] = [{ key: Buffer.from('consistent_index'), value: Buffer.alloc(8) }];
  const marks: BoltEntry[] = [];
  for await (const { key, value } of file.entries('meta')) {
    const name = key.toString();
    if (!metaLeftBehind.has(name)) kept.push({ key: Buffer.from(key), value: Buffer.from(value) });
    else if (name === 'finishedCompactRev') marks.push({ key: Buffer.from(key), value: Buffer.from(value) });
  }
  const revision = compacted === undefined ? undefined : formatRevision(compacted);
  const compaction =
    revision === undefined
      ? marks
      : ['finishedCompactRev', 'scheduledCompactRev'].map((name) => ({ key: Buffer.from(name), value: revision }));
  yield* [...kept, ...compaction].sort((a, b) => Buffer.compare(a.key, b.key));
}
