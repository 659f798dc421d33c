// Facts about etcd's members: asked of each endpoint itself, so a dead one is seen as dead.
import type { EndpointPool } from './endpoint-pool.ts';
import { translateError } from './errors.ts';
import { decodeMemberNames, decodeStatus } from './member-messages.ts';
import { nothing } from './messages.ts';

const askTimeoutMs = 2_000;

export interface EtcdMemberHealth {
  readonly name: string;
  readonly endpoint: string;
  readonly healthy: boolean;
  readonly leader: boolean;
  readonly version: string;
  /** Whose member it is; absent when it does not answer. */
  readonly clusterId?: string;
  readonly dbSizeBytes: number;
  readonly dbInUseBytes: number;
  readonly latencyMs: number;
  /** Entries of the log that the cluster has and this member has not applied yet; absent when it does not answer. */
  readonly lag?: number;
  readonly message?: string;
}

/** Asks every endpoint for its status, at most two seconds each, all at once. */
export async function readHealth(pool: EndpointPool): Promise<readonly EtcdMemberHealth[]> {
  const names = await memberNames(pool);
  const members = await Promise.all(
    pool.each().map(async ([endpoint, channel]): Promise<EtcdMemberHealth & { raft?: Raft }> => {
      const startedMs = performance.now();
      const latencyMs = (): number => Math.round((performance.now() - startedMs) * 10) / 10;
      try {
        const status = decodeStatus(await channel.unary('/etcdserverpb.Maintenance/Status', nothing, askTimeoutMs));
        return {
          name: names.byId.get(status.memberId) ?? endpoint,
          endpoint,
          healthy: status.leaderId !== '0' && status.errors.length === 0,
          leader: status.leaderId === status.memberId,
          version: status.version,
          clusterId: status.clusterId,
          dbSizeBytes: status.dbSizeBytes,
          dbInUseBytes: status.dbInUseBytes,
          latencyMs: latencyMs(),
          raft: { known: status.raftIndex, applied: status.appliedIndex },
          ...(status.errors.length > 0 ? { message: status.errors.join('; ') } : {}),
        };
      } catch (error) {
        const { message } = translateError(error, `asking ${endpoint}`);
        const unknown = { leader: false, version: '', dbSizeBytes: 0, dbInUseBytes: 0 };
        const name = names.byHost.get(hostOf(endpoint)) ?? endpoint;
        return { name, endpoint, healthy: false, ...unknown, latencyMs: latencyMs(), message };
      }
    }),
  );
  const newest = Math.max(0, ...members.map(({ raft }) => raft?.known ?? 0));
  return members.map(({ raft, ...member }) =>
    raft === undefined ? member : { ...member, lag: Math.max(0, newest - raft.applied) },
  );
}

interface Raft {
  readonly known: number;
  readonly applied: number;
}

function hostOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).host : endpoint;
}

async function memberNames(pool: EndpointPool): Promise<ReturnType<typeof decodeMemberNames>> {
  try {
    return decodeMemberNames(
      await pool.callAny('listing etcd members', (channel) =>
        channel.unary('/etcdserverpb.Cluster/MemberList', nothing, askTimeoutMs),
      ),
    );
  } catch {
    return { byId: new Map(), byHost: new Map() }; // no quorum: each endpoint still answers for itself below
  }
}
