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
  readonly dbSizeBytes: number;
  readonly dbInUseBytes: number;
  readonly latencyMs: number;
  readonly message?: string;
}

/** Asks every endpoint for its status, at most two seconds each, all at once. */
export async function readHealth(pool: EndpointPool): Promise<readonly EtcdMemberHealth[]> {
  const names = await memberNames(pool);
  return Promise.all(
    pool.each().map(async ([endpoint, channel]): Promise<EtcdMemberHealth> => {
      const startedMs = performance.now();
      const latencyMs = (): number => Math.round((performance.now() - startedMs) * 10) / 10;
      try {
        const status = decodeStatus(await channel.unary('/etcdserverpb.Maintenance/Status', nothing, askTimeoutMs));
        return {
          name: names.get(status.memberId) ?? endpoint,
          endpoint,
          healthy: status.leaderId !== '0' && status.errors.length === 0,
          leader: status.leaderId === status.memberId,
          version: status.version,
          dbSizeBytes: status.dbSizeBytes,
          dbInUseBytes: status.dbInUseBytes,
          latencyMs: latencyMs(),
          ...(status.errors.length > 0 ? { message: status.errors.join('; ') } : {}),
        };
      } catch (error) {
        const { message } = translateError(error, `asking ${endpoint}`);
        const unknown = { leader: false, version: '', dbSizeBytes: 0, dbInUseBytes: 0 };
        return { name: endpoint, endpoint, healthy: false, ...unknown, latencyMs: latencyMs(), message };
      }
    }),
  );
}

async function memberNames(pool: EndpointPool): Promise<Map<string, string>> {
  try {
    return decodeMemberNames(
      await pool.callAny('listing etcd members', (channel) =>
        channel.unary('/etcdserverpb.Cluster/MemberList', nothing, askTimeoutMs),
      ),
    );
  } catch {
    return new Map(); // no quorum: each endpoint still answers for itself below
  }
}
