// At most one holder of a Lease leads at a time (the algorithm of client-go's tools/leaderelection).
// A leader that cannot renew stops leading before anyone else may start: its deadline is shorter than the lease. Times
// are measured by this machine's clock since it last saw the record change, so clock skew between machines is harmless.
import type { Lease } from '../api/kinds/coordination/index.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { ResourceRef, RestClient } from './rest-client.ts';
import { formatMicroTime } from '../api/meta/time.ts';
import { isApiError } from '../api/meta/status.ts';
import { systemClock } from './clock.ts';
import { silentLogger } from './logger.ts';

const leases: ResourceRef<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

/** Under whose leadership a write is made. */
export interface Fence {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
}

export interface LeaderElectionOptions {
  client: RestClient;
  namespace: string;
  name: string;
  /** Unique per process. */
  identity: string;
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /**
   * Runs while this process leads; the signal aborts when it no longer does. Writes that carry `fence()` cannot land
   * once another leads: the server checks the Lease in the same transaction.
   */
  lead(signal: AbortSignal, fence: () => Fence): Promise<void>;
  signal: AbortSignal;
  clock?: Clock;
  logger?: Logger;
}

/** Campaigns and leads in turn until the signal aborts, and then gives the lease back. */
export async function runLeaderElection(options: LeaderElectionOptions): Promise<void> {
  const { client, namespace, name, identity, signal, clock = systemClock, logger = silentLogger } = options;
  const { leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
  const log = logger.child({ lease: `${namespace}/${name}` });
  const api = client.resource(leases, namespace);
  let seen: { record: string; atMs: number } | undefined;
  let held: Lease | undefined;
  let isAnothers = false;

  /** Writes the record if it is ours or has run out; true when this process holds it now. */
  const acquireOrRenew = async (): Promise<boolean> => {
    const nowMs = clock.now();
    const call = { signal: AbortSignal.any([signal, AbortSignal.timeout(renewDeadlineMs)]) };
    const time = formatMicroTime(nowMs);
    if (held === undefined) {
      try {
        held = await api.get(name, call);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
        const spec = {
          holderIdentity: identity,
          leaseDurationSeconds: leaseDurationMs / 1000,
          acquireTime: time,
          renewTime: time,
          leaseTransitions: 0,
        };
        held = await api.create(
          { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec },
          call,
        );
        return true;
      }
    }
    const lease = held;
    const record = JSON.stringify(lease.spec);
    if (seen?.record !== record) seen = { record, atMs: nowMs };
    const isOurs = lease.spec?.holderIdentity === identity;
    const isFree = !lease.spec?.holderIdentity;
    const theirDurationMs = (lease.spec?.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000;
    isAnothers = !isOurs && !isFree && seen.atMs + theirDurationMs > nowMs;
    if (isAnothers) {
      held = undefined;
      return false;
    }
    const spec = {
      ...lease.spec,
      holderIdentity: identity,
      leaseDurationSeconds: leaseDurationMs / 1000,
      acquireTime: isOurs ? lease.spec?.acquireTime : time,
      renewTime: time,
      leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + (isOurs ? 0 : 1),
    };
    held = undefined;
    held = await api.update({ ...lease, spec }, call);
    return true;
  };
  const tryOnce = async (): Promise<boolean> => {
    try {
      return await acquireOrRenew();
    } catch (err) {
      held = undefined;
      if (!signal.aborted && !isApiError(err, 'Conflict')) log.warn({ err }, 'reaching the lease failed');
      return false;
    }
  };

  const leadOnce = async (): Promise<void> => {
    const term = new AbortController();
    const endTerm = (): void => term.abort();
    signal.addEventListener('abort', endTerm, { once: true });
    const leading = options
      .lead(term.signal, () => ({ namespace, name, identity }))
      .catch((err: unknown) => {
        if (!term.signal.aborted) log.error({ err }, 'leading failed');
      });
    const ended = leading.then(() => 'ended' as const);
    let renewedMs = clock.now();
    while (!signal.aborted) {
      const next = await Promise.race([clock.sleep(retryPeriodMs, signal), ended]);
      if (next === 'ended' || signal.aborted) break;
      if (await tryOnce()) renewedMs = clock.now();
      else if (isAnothers || clock.now() - renewedMs >= renewDeadlineMs) {
        log.warn('lost the lease');
        break;
      }
    }
    endTerm();
    signal.removeEventListener('abort', endTerm);
    await leading;
  };
  const release = async (): Promise<void> => {
    try {
      const lease = await api.get(name, { signal: AbortSignal.timeout(2_000) });
      if (lease.spec?.holderIdentity !== identity) return;
      const spec = {
        ...lease.spec,
        holderIdentity: undefined,
        leaseDurationSeconds: 1,
        renewTime: formatMicroTime(clock.now()),
      };
      await api.update({ ...lease, spec }, { signal: AbortSignal.timeout(2_000) });
    } catch (err) {
      log.debug({ err }, 'giving the lease back failed; it will run out');
    }
  };

  while (!signal.aborted) {
    if (await tryOnce()) {
      log.info({ identity }, 'leading');
      await leadOnce();
      await release();
      held = undefined;
    }
    await clock.sleep(retryPeriodMs * (1 + 0.2 * Math.random()), signal);
  }
}
