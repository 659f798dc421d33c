// etcd in the few operations that a Kubernetes store needs: ranges at a revision, one guarded transaction, compaction,
// and facts about members. Revisions are numbers, keys are strings, values are bytes; failures are EtcdClientError.
import { EndpointPool } from './endpoint-pool.ts';
import type { EtcdAccess } from './endpoint-pool.ts';
import { EtcdClientError } from './errors.ts';
import type { GrpcCredentials } from './grpc/index.ts';
import { alarmActions, alarms, decodeAlarmCount, encodeAlarm } from './member-messages.ts';
import { readHealth } from './members.ts';
import type { EtcdMemberHealth } from './members.ts';
import {
  decodeDeleted,
  decodeGuardedWrite,
  decodeRange,
  encodeCompaction,
  encodeDeleteRange,
  encodeGuardedWrite,
  encodeRange,
  nothing,
} from './messages.ts';
import type { GuardedResult, GuardedWrite, RangeRequest, RangeResult } from './messages.ts';
import { readSnapshot } from './snapshot-stream.ts';
import { openWatch } from './watch-stream.ts';
import type { EtcdWatch, EtcdWatchOptions } from './watch-stream.ts';

const callTimeoutMs = 10_000;
const defragmentTimeoutMs = 120_000;

export interface EtcdClient {
  /** Linearizable unless a revision is given. Tries every endpoint. */
  range(request: RangeRequest): Promise<RangeResult>;
  /** One attempt; `unavailable` means that it may have landed. */
  transact(request: GuardedWrite): Promise<GuardedResult>;
  /** The revision now, linearizably, by an empty count-only range: etcd is asked. */
  currentRevision(): Promise<number>;
  /** The same where it is known without asking, because nobody else writes. */
  knownRevision(): number | undefined;
  compact(revision: number): Promise<void>;
  /** Deletes every key that begins with a prefix, in one transaction; answers how many. */
  deletePrefix(prefix: string): Promise<number>;
  watch(options: EtcdWatchOptions): EtcdWatch;
  health(): Promise<readonly EtcdMemberHealth[]>;
  /** Defragments one member; it does not answer meanwhile. */
  defragment(endpoint: string): Promise<void>;
  /** The whole database of one member, in pieces; the last 32 bytes are its SHA-256. */
  snapshot(endpoint: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Whether a member has refused writes because its quota is used up. */
  hasSpaceAlarm(): Promise<boolean>;
  /** Lets writes in again, once there is space. */
  disarmSpaceAlarm(): Promise<void>;
  /** Who we are from the next connections on: after a certificate was renewed. */
  setCredentials(credentials: GrpcCredentials): void;
  close(): void;
}

/** What members are started with: etcd's own advice for the largest database. */
export const etcdQuotaBytes: number = 8 * 1024 ** 3;

/** A client of the given endpoints; connects on first use. */
export function createEtcdClient(access: EtcdAccess): EtcdClient {
  const pool = new EndpointPool(access);

  const { soleWriter } = access;

  const range = async (request: RangeRequest): Promise<RangeResult> => {
    const result = decodeRange(
      await pool.callAny('reading from etcd', (channel) =>
        channel.unary('/etcdserverpb.KV/Range', encodeRange(request), callTimeoutMs),
      ),
    );
    soleWriter?.saw(result.revision);
    return result;
  };

  // An only member answers as linearizably from its own state, without asking itself for its place in the log.
  const currentRevision = async (): Promise<number> =>
    (await range({ key: '\0', countOnly: true, serializable: access.isOnlyMember })).revision;

  return {
    range,

    async transact(request) {
      const message = encodeGuardedWrite(request);
      const result = decodeGuardedWrite(
        await pool.call('writing to etcd', (channel) => channel.unary('/etcdserverpb.KV/Txn', message, callTimeoutMs)),
      );
      soleWriter?.saw(result.revision);
      return result;
    },

    currentRevision,
    knownRevision: () => soleWriter?.revision,

    async compact(revision) {
      await pool.callAny('compacting etcd', (channel) =>
        channel.unary('/etcdserverpb.KV/Compact', encodeCompaction(revision), callTimeoutMs),
      );
    },

    async deletePrefix(prefix) {
      const message = encodeDeleteRange(prefix, prefixEnd(prefix));
      const deleted = decodeDeleted(
        await pool.call('deleting from etcd', (channel) =>
          channel.unary('/etcdserverpb.KV/DeleteRange', message, callTimeoutMs),
        ),
      );
      if (soleWriter !== undefined) await currentRevision();
      return deleted;
    },

    watch: (options) => openWatch(pool, options),
    health: () => readHealth(pool),

    async defragment(endpoint) {
      const [, channel] = pool.each().find(([name]) => name === endpoint) ?? [];
      await channel?.unary('/etcdserverpb.Maintenance/Defragment', nothing, defragmentTimeoutMs);
    },

    snapshot(endpoint, signal) {
      const [, channel] = pool.each().find(([name]) => name === endpoint) ?? [];
      if (channel === undefined) throw new EtcdClientError('other', `${endpoint} is not an endpoint of this client`);
      return readSnapshot(channel, signal);
    },

    async hasSpaceAlarm() {
      const message = encodeAlarm(alarmActions.get, alarms.none);
      const raised = await pool.callAny('asking etcd for alarms', (channel) =>
        channel.unary('/etcdserverpb.Maintenance/Alarm', message, callTimeoutMs),
      );
      return decodeAlarmCount(raised) > 0;
    },

    async disarmSpaceAlarm() {
      const message = encodeAlarm(alarmActions.deactivate, alarms.noSpace);
      await pool.callAny('disarming the alarm of etcd', (channel) =>
        channel.unary('/etcdserverpb.Maintenance/Alarm', message, callTimeoutMs),
      );
    },

    setCredentials: (credentials) => pool.setCredentials(credentials),
    close: () => pool.close(),
  };
}

/** The end of the range of all keys that begin with a prefix. */
export function prefixEnd(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix.slice(0, -1) + String.fromCharCode(last + 1);
}
