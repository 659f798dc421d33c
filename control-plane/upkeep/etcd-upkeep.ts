// What etcd needs from time to time: free space given back by defragmenting one member at a time, a warning before the
// quota is used up, and recovery when it was. One master does it (the caller elects it).
import type { Clock } from '../../machinery/clock.ts';
import { etcdQuotaBytes } from '../../machinery/etcd/index.ts';
import type { EtcdClient, EtcdMemberHealth } from '../../machinery/etcd/index.ts';
import type { Logger } from '../../machinery/logger.ts';

const roundMs = 600_000;
const warnShare = 0.7;
const worthwhileBytes = 64 * 1024 * 1024;

export type EtcdUpkeepAction =
  | { readonly do: 'warn'; readonly member: string; readonly usedShare: number }
  | { readonly do: 'defragment'; readonly endpoint: string }
  /** Writes are refused: compact, defragment every member, and let writes in again. */
  | { readonly do: 'recover'; readonly endpoints: readonly string[] };

/** What one round should do. A member is never taken away for defragmentation while another is unwell. */
export function planEtcdUpkeep(
  members: readonly EtcdMemberHealth[],
  hasSpaceAlarm: boolean,
  quotaBytes: number = etcdQuotaBytes,
): EtcdUpkeepAction[] {
  // The leader goes last: defragmenting it makes the others elect another.
  const ordered = [...members].sort((a, b) => Number(a.leader) - Number(b.leader));
  if (hasSpaceAlarm) return [{ do: 'recover', endpoints: ordered.map(({ endpoint }) => endpoint) }];
  const actions: EtcdUpkeepAction[] = members
    .filter(({ dbInUseBytes }) => dbInUseBytes > warnShare * quotaBytes)
    .map(({ name, dbInUseBytes }) => ({ do: 'warn', member: name, usedShare: dbInUseBytes / quotaBytes }));
  const wasteful = ordered.find(
    ({ dbSizeBytes, dbInUseBytes }) => dbSizeBytes > worthwhileBytes && dbInUseBytes < dbSizeBytes / 2,
  );
  if (wasteful && members.every(({ healthy }) => healthy))
    actions.push({ do: 'defragment', endpoint: wasteful.endpoint });
  return actions;
}

export interface EtcdUpkeepOptions {
  readonly etcd: EtcdClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Looks every ten minutes until the signal aborts. */
export async function runEtcdUpkeep({ etcd, clock, logger, signal }: EtcdUpkeepOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      const actions = planEtcdUpkeep(await etcd.health(), await etcd.hasSpaceAlarm());
      for (const action of actions) await carryOut(action, etcd, logger);
    } catch (err) {
      if (!signal.aborted) logger.warn({ err }, 'looking after etcd; trying again in the next round');
    }
    await clock.sleep(roundMs, signal);
  }
}

async function carryOut(action: EtcdUpkeepAction, etcd: EtcdClient, logger: Logger): Promise<void> {
  if (action.do === 'warn') {
    const percent = Math.round(action.usedShare * 100);
    logger.warn(
      { member: action.member, percent },
      'etcd has used most of its quota: delete objects or raise the quota',
    );
  } else if (action.do === 'defragment') {
    logger.info({ endpoint: action.endpoint }, 'defragmenting a member of etcd');
    await etcd.defragment(action.endpoint);
  } else {
    logger.warn('etcd refuses writes, its quota is used up: compacting and defragmenting');
    await etcd.compact(await etcd.currentRevision());
    for (const endpoint of action.endpoints) await etcd.defragment(endpoint);
    await etcd.disarmSpaceAlarm();
  }
}
