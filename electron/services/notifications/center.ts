// Watches over all clusters and runs for what needs a person. What was told and read is kept in `notifications.json` of the
// console's home, so that nothing is told twice: not by another window, and not after a restart.
import { join } from 'node:path';
import { z } from 'zod';
import type { NotificationView } from '../../../api/console/index.ts';
import { certificateSigningRequests, type CertificateSigningRequest } from '../../../api/kinds/certificates/index.ts';
import { configMaps, type ConfigMap } from '../../../api/kinds/core/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { Logger } from '../../../machinery/logger.ts';
import type { ClusterRegistry, KnownCluster } from '../clusters/registry.ts';
import type { Unsubscribe } from '../contract.ts';
import { timeOf } from '../projections/read.ts';
import type { ProvisioningRuns } from '../provisioning/runs.ts';
import { readJsonFile, writeJsonFile } from '../state/json-file.ts';
import { clusterCauses, runCauses, type Cause, type KeptAlert } from './causes.ts';
import { keepTold, markRead, type Kept } from './keep.ts';

const lookMs = 2500;
const askMs = 30_000;
/** The cluster's own approvers decide within seconds; what waits longer waits for a person. */
const undecidedMs = 60_000;
const mostRequests = 500;
const alertsName = 'pilothouse-alerts';

const stored = z.array(
  z.custom<NotificationView>((value) => typeof (value as NotificationView | null)?.id === 'string'),
);
const keptAlerts = z.array(
  z.object({
    alert: z.object({
      kind: z.enum([
        'quorum-at-risk',
        'quorum-lost',
        'machine-lost',
        'disk-filling',
        'certificate-ending',
        'backup-not-proved',
      ]),
      subject: z.string(),
      values: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    }),
  }),
);

export interface NotificationCenter {
  list(): readonly NotificationView[];
  /** Marks some read, or all. */
  read(ids: readonly string[] | undefined): void;
  onDidChange(listener: () => void): Unsubscribe;
  /** Reads what was told before; to be awaited before anything else. */
  load(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

interface Asked {
  readonly alerts: readonly KeptAlert[];
  readonly signingRequests: readonly string[];
}

const nothing: Asked = { alerts: [], signingRequests: [] };

function alertsOf({ data }: ConfigMap): readonly KeptAlert[] {
  try {
    return keptAlerts.parse(JSON.parse(data?.['states'] ?? '[]')).map(({ alert }) => alert);
  } catch {
    return []; // of another version, or written by hand
  }
}

async function ask({ session: { client } }: KnownCluster, nowMs: number, signal: AbortSignal): Promise<Asked> {
  const [alerts, requests] = await Promise.all([
    // Most clusters have none, and not everybody may read them.
    client
      .resource<ConfigMap>(configMaps, 'kube-system')
      .get(alertsName, { signal })
      .then(alertsOf, () => []),
    client
      .resource<CertificateSigningRequest>(certificateSigningRequests)
      .list({ limit: mostRequests, signal })
      .then(
        ({ items }) =>
          items.filter(
            ({ metadata, status }) =>
              (status?.conditions ?? []).length === 0 &&
              nowMs - (timeOf(metadata.creationTimestamp) ?? nowMs) >= undecidedMs,
          ),
        () => [],
      ),
  ]);
  return { alerts, signingRequests: requests.map(({ metadata }) => metadata.name) };
}

/** The centre over a console's clusters and runs; it looks while `run` runs. */
export function createNotificationCenter({
  home,
  clusters,
  runs,
  clock,
  logger,
  afterMs,
}: {
  readonly home: string;
  readonly clusters: ClusterRegistry;
  readonly runs: ProvisioningRuns;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a thing must hold to be told; by default long enough for what mends itself. */
  readonly afterMs?: number;
}): NotificationCenter {
  const path = join(home, 'notifications.json');
  const listeners = new Set<() => void>();
  const asked = new Map<string, { readonly answer: Asked; readonly atMs: number }>();
  let kept: Kept = { told: [], settling: new Map() };
  let writing: Promise<void> = Promise.resolve();

  const replace = (next: Kept): void => {
    const isSame = JSON.stringify(next.told) === JSON.stringify(kept.told);
    kept = next;
    if (isSame) return;
    const told = next.told;
    writing = writing
      .then(() => writeJsonFile(path, told))
      .catch((err: unknown) => logger.warn({ err }, 'notifications could not be kept'));
    for (const listener of [...listeners]) listener();
  };

  const answerOf = async (cluster: KnownCluster, signal: AbortSignal): Promise<Asked> => {
    const known = asked.get(cluster.id);
    if (known !== undefined && clock.now() - known.atMs < askMs) return known.answer;
    const answer = await ask(cluster, clock.now(), signal);
    asked.set(cluster.id, { answer, atMs: clock.now() });
    return answer;
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const present = clusters.list();
    const unknown = new Set<string>();
    const found = await Promise.all(
      present.map(async (cluster): Promise<readonly Cause[]> => {
        const { id, name, session } = cluster;
        const health = session.health.now;
        const answer = health.reachable && health.error === undefined ? await answerOf(cluster, signal) : nothing;
        const causes = clusterCauses({ id, name, health, nodes: session.rows.nodes.values(), ...answer });
        // Of a cluster that does not answer, what held before may hold still.
        if (causes === undefined || health.reachable !== true || health.error !== undefined) unknown.add(id);
        return causes ?? [];
      }),
    );
    const nameOf = (id: string): string => present.find((one) => one.id === id)?.name ?? id;
    const causes = [...found.flat(), ...runCauses(runs.list(), nameOf)];
    const isUnknown = (id: string): boolean => unknown.has(id.slice(0, id.indexOf(' ')));
    replace(keepTold(kept, causes, isUnknown, clock.now(), afterMs));
  };

  return {
    list: () => kept.told,
    read: (ids) => replace({ ...kept, told: markRead(kept.told, ids) }),
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async load() {
      kept = { ...kept, told: await readJsonFile(path, stored, []).catch(() => []) };
    },
    async run(signal) {
      while (!signal.aborted) {
        await look(signal).catch((err: unknown) => {
          if (!signal.aborted) logger.warn({ err }, 'looking for what needs a person; trying again');
        });
        await clock.sleep(lookMs, signal);
      }
      await writing;
    },
  };
}
