// etcd in the few operations that a Kubernetes store needs: ranges at a revision, one guarded transaction, compaction,
// and facts about members. Revisions are numbers, keys are strings, values are bytes; failures are EtcdClientError.
import { AlarmAction, AlarmType, CompareResult, CompareTarget } from 'etcd3';
import type { ICompare, IKeyValue, IRequestOp } from 'etcd3';
import { EndpointPool } from './endpoint-pool.ts';
import type { EtcdAccess } from './endpoint-pool.ts';
import { readHealth } from './members.ts';
import type { EtcdMemberHealth } from './members.ts';
import { openWatch } from './watch-stream.ts';
import type { EtcdWatch, EtcdWatchOptions } from './watch-stream.ts';

const callTimeoutMs = 10_000;

export interface EtcdKeyValue {
  readonly key: string;
  readonly value: Buffer;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface RangeRequest {
  readonly key: string;
  /** Exclusive end; `prefixEnd(key)` ranges over a prefix. Absent: the one key. */
  readonly end?: string;
  readonly limit?: number;
  readonly revision?: number;
  readonly countOnly?: boolean;
}

export interface RangeResult {
  /** The store's revision when it answered. */
  readonly revision: number;
  readonly items: readonly EtcdKeyValue[];
  readonly count: number;
  readonly more: boolean;
}

/** A write that lands only when every guard's key is at that mod revision (0: absent). */
export interface GuardedWrite {
  readonly guards: readonly { readonly key: string; readonly modRevision: number }[];
  readonly write: { readonly put: string; readonly value: Buffer } | { readonly delete: string };
  /** Keys to read back when a guard fails. */
  readonly otherwiseRead: readonly string[];
}

export type GuardedResult =
  | { readonly landed: true; readonly revision: number; readonly previous: EtcdKeyValue | undefined }
  | { readonly landed: false; readonly revision: number; readonly found: readonly (EtcdKeyValue | undefined)[] };

export interface EtcdClient {
  /** Linearizable unless a revision is given. Tries every endpoint. */
  range(request: RangeRequest): Promise<RangeResult>;
  /** One attempt; `unavailable` means that it may have landed. */
  transact(request: GuardedWrite): Promise<GuardedResult>;
  /** The revision now, linearizably, by an empty count-only range. */
  currentRevision(): Promise<number>;
  compact(revision: number): Promise<void>;
  /** Deletes every key that begins with a prefix, in one transaction; answers how many. */
  deletePrefix(prefix: string): Promise<number>;
  watch(options: EtcdWatchOptions): EtcdWatch;
  health(): Promise<readonly EtcdMemberHealth[]>;
  /** Defragments one member; it does not answer meanwhile. */
  defragment(endpoint: string): Promise<void>;
  /** Whether a member has refused writes because its quota is used up. */
  hasSpaceAlarm(): Promise<boolean>;
  /** Lets writes in again, once there is space. */
  disarmSpaceAlarm(): Promise<void>;
  close(): void;
}

/** What members are started with: etcd's own advice for the largest database. */
export const etcdQuotaBytes: number = 8 * 1024 ** 3;

/** A client of the given endpoints; connects on first use. */
export function createEtcdClient(access: EtcdAccess): EtcdClient {
  const pool = new EndpointPool(access);
  const deadline = (): { deadline: number } => ({ deadline: Date.now() + callTimeoutMs });

  const range = async (request: RangeRequest): Promise<RangeResult> => {
    const response = await pool.callAny('reading from etcd', (etcd) =>
      etcd.kv.range(
        {
          key: Buffer.from(request.key),
          range_end: request.end === undefined ? undefined : Buffer.from(request.end),
          limit: request.limit,
          revision: request.revision,
          serializable: request.revision !== undefined,
          count_only: request.countOnly,
        },
        deadline(),
      ),
    );
    return {
      revision: Number(response.header.revision),
      items: response.kvs.map(readKeyValue),
      count: Number(response.count),
      more: response.more,
    };
  };

  return {
    range,

    async transact(request) {
      const response = await pool.call('writing to etcd', (etcd) =>
        etcd.kv.txn(
          {
            compare: request.guards.map(guardOf),
            success: [operationOf(request.write)],
            failure: request.otherwiseRead.map((key) => ({ request_range: { key: Buffer.from(key) } })),
          },
          deadline(),
        ),
      );
      const revision = Number(response.header.revision);
      if (response.succeeded) {
        const previous = response.responses[0]?.response_delete_range?.prev_kvs[0];
        return { landed: true, revision, previous: previous && readKeyValue(previous) };
      }
      const found = response.responses.map(({ response_range }) => response_range.kvs[0]);
      return { landed: false, revision, found: found.map((item) => item && readKeyValue(item)) };
    },

    currentRevision: async () => (await range({ key: '\0', countOnly: true })).revision,

    async compact(revision) {
      await pool.callAny('compacting etcd', (etcd) => etcd.kv.compact({ revision }, deadline()));
    },

    async deletePrefix(prefix) {
      const range = { key: Buffer.from(prefix), range_end: Buffer.from(prefixEnd(prefix)) };
      const response = await pool.call('deleting from etcd', (etcd) => etcd.kv.deleteRange(range, deadline()));
      return Number(response.deleted);
    },

    watch: (options) => openWatch(pool, options),
    health: () => readHealth(pool),

    async defragment(endpoint) {
      const [, etcd] = pool.each().find(([name]) => name === endpoint) ?? [];
      await etcd?.maintenance.defragment({ deadline: Date.now() + 120_000 });
    },

    async hasSpaceAlarm() {
      const { alarms } = await pool.callAny('asking etcd for alarms', (etcd) =>
        etcd.maintenance.alarm({ action: AlarmAction.Get, alarm: AlarmType.None }, deadline()),
      );
      return (alarms ?? []).length > 0;
    },

    async disarmSpaceAlarm() {
      await pool.callAny('disarming the alarm of etcd', (etcd) =>
        etcd.maintenance.alarm({ action: AlarmAction.Deactivate, alarm: AlarmType.Nospace, memberID: 0 }, deadline()),
      );
    },

    close: () => pool.close(),
  };
}

/** The end of the range of all keys that begin with a prefix. */
export function prefixEnd(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix.slice(0, -1) + String.fromCharCode(last + 1);
}

function readKeyValue(item: IKeyValue): EtcdKeyValue {
  return {
    key: item.key.toString('utf8'),
    value: item.value,
    createRevision: Number(item.create_revision),
    modRevision: Number(item.mod_revision),
  };
}

function guardOf({ key, modRevision }: { key: string; modRevision: number }): ICompare {
  return { key: Buffer.from(key), target: CompareTarget.Mod, result: CompareResult.Equal, mod_revision: modRevision };
}

function operationOf(write: GuardedWrite['write']): IRequestOp {
  if ('put' in write) return { request_put: { key: Buffer.from(write.put), value: write.value } };
  return { request_delete_range: { key: Buffer.from(write.delete), prev_kv: true } };
}
