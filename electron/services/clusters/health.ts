// Asks a cluster how it is, every few seconds: reachable, ready, its version, its store, who leads.
// Guarantees: one question at a time; a listener hears of every answer; nothing is asked after the signal aborts.
import { leases, type Lease } from '../../../api/kinds/coordination/index.ts';
import type { ConsoleError, EtcdMember } from '../../../api/console/index.ts';
import { z } from 'zod';
import type { Clock } from '../../../machinery/clock.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { toConsoleError } from '../errors.ts';
import type { Unsubscribe } from '../contract.ts';
import { timeOf } from '../projections/read.ts';

export interface Leader {
  readonly holder: string;
  readonly renewedAt?: number;
  readonly leaseSeconds: number;
}

export interface ClusterHealth {
  /** Undefined until the first answer. */
  readonly reachable: boolean | undefined;
  readonly error?: ConsoleError;
  readonly ready: boolean;
  /** The checks of /readyz that fail. */
  readonly failing: readonly string[];
  readonly latencyMs?: number;
  readonly version?: string;
  readonly store: 'etcd' | 'memory' | 'unreported';
  readonly etcdMembers: readonly EtcdMember[];
  readonly scheduler?: Leader;
  readonly controllers?: Leader;
}

export interface HealthProbe {
  readonly now: ClusterHealth;
  onDidChange(listener: (health: ClusterHealth) => void): Unsubscribe;
  run(signal: AbortSignal): Promise<void>;
}

const everyMs = 5000;
const retryMs = 2000;
const patienceMs = 4000;

const storeReport = z.object({
  store: z.object({ kind: z.enum(['etcd', 'memory']) }),
  members: z
    .array(
      z.object({
        name: z.string(),
        endpoint: z.string(),
        healthy: z.boolean(),
        leader: z.boolean().default(false),
        version: z.string().optional(),
        dbSizeBytes: z.number().optional(),
        latencyMs: z.number().optional(),
        lag: z.number().optional(),
        message: z.string().optional(),
      }),
    )
    .default([]),
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(
  client: RestClient,
  path: string,
  signal: AbortSignal,
  query?: Record<string, string>,
): Promise<Answer> {
  const response = await client.request({ method: 'GET', path, query, signal });
  return { status: response.status, text: await response.text() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // some servers answer prose on paths they do not know
  }
}

async function readStore(
  client: RestClient,
  signal: AbortSignal,
): Promise<Pick<ClusterHealth, 'store' | 'etcdMembers'>> {
  const { status, text } = await ask(client, '/pilothouse/v1/health', signal);
  const report = status === 200 ? storeReport.safeParse(parse(text)) : undefined;
  if (!report?.success) return { store: 'unreported', etcdMembers: [] };
  return { store: report.data.store.kind, etcdMembers: report.data.members };
}

function leaderOf(lease: Lease | undefined): Leader | undefined {
  const spec = lease?.spec;
  if (!spec?.holderIdentity) return undefined;
  return {
    holder: spec.holderIdentity,
    renewedAt: timeOf(spec.renewTime),
    leaseSeconds: spec.leaseDurationSeconds ?? 15,
  };
}

async function readLeaders(
  client: RestClient,
  signal: AbortSignal,
): Promise<Pick<ClusterHealth, 'scheduler' | 'controllers'>> {
  const found = await client.resource<Lease>(leases, 'kube-system').list({ signal });
  const named = (name: string): Lease | undefined => found.items.find(({ metadata }) => metadata.name === name);
  return {
    scheduler: leaderOf(named('kube-scheduler')),
    controllers: leaderOf(named('kube-controller-manager')),
  };
}

function failingChecks(text: string): string[] {
  return [...text.matchAll(/^\[-\](\S+)/gm)].map(([, name]) => name ?? '');
}

async function readHealth(client: RestClient, clock: Clock, signal: AbortSignal): Promise<ClusterHealth> {
  const askedAt = clock.now();
  const ready = await ask(client, '/readyz', signal, { verbose: 'true' });
  const latencyMs = clock.now() - askedAt;
  if (ready.status === 401) {
    const error: ConsoleError = {
      ...toConsoleError(undefined),
      reason: 'Unauthorized',
      message: 'The cluster does not accept the credentials of its kubeconfig.',
    };
    return { reachable: true, error, ready: false, failing: [], latencyMs, store: 'unreported', etcdMembers: [] };
  }
  const [version, store, leaders] = await Promise.all([
    ask(client, '/version', signal).then(({ text }) => parse(text) as { gitVersion?: string } | undefined),
    readStore(client, signal),
    readLeaders(client, signal).catch(() => ({})), // not everybody may read leases
  ]);
  return {
    reachable: true,
    ready: ready.status === 200,
    failing: failingChecks(ready.text),
    latencyMs,
    version: version?.gitVersion,
    ...store,
    ...leaders,
  };
}

/** A probe of one cluster; `now` is its last answer. */
export function createHealthProbe(client: RestClient, clock: Clock): HealthProbe {
  const listeners = new Set<(health: ClusterHealth) => void>();
  let now: ClusterHealth = { reachable: undefined, ready: false, failing: [], store: 'unreported', etcdMembers: [] };

  const once = async (signal: AbortSignal): Promise<void> => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    try {
      now = await readHealth(client, clock, patience);
    } catch (error) {
      if (signal.aborted) return;
      const known = toConsoleError(error);
      const shown: ConsoleError =
        known.reason === 'Unreachable' ? known : { ...known, reason: 'Unreachable', message: known.message };
      now = { ...now, reachable: false, ready: false, error: shown };
    }
    for (const listener of [...listeners]) listener(now);
  };

  return {
    get now() {
      return now;
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async run(signal) {
      while (!signal.aborted) {
        await once(signal);
        await clock.sleep(now.reachable ? everyMs : retryMs, signal);
      }
    },
  };
}
