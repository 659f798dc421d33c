// The facts that alerts are decided from, asked of the cluster and of this machine. What cannot be asked is left out:
// a rule without its facts says nothing, and the rules about etcd and machines need nobody but etcd and the API.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cron } from 'croner';
import { etcdQuotaBytes } from '../../../machinery/etcd/index.ts';
import type { EtcdClient } from '../../../machinery/etcd/index.ts';
import { inspectCertificate } from '../../../machinery/pki/index.ts';
import { parseStatus, readSchedule, statusName } from '../backups.ts';
import type { ClusterData } from '../cluster-data.ts';
import type { BackupFact, CertificateFact, Facts, NodeFact } from './rules.ts';

export interface GatherOptions {
  readonly etcd: Pick<EtcdClient, 'health'>;
  readonly data: ClusterData;
  /** Folder with the certificates of this master. */
  readonly pkiDir: string;
  readonly master: string;
  readonly now: () => number;
}

/** All facts; etcd's members are always among them. */
export async function gatherFacts(options: GatherOptions, signal: AbortSignal): Promise<Facts> {
  const orNothing = async <T>(ask: Promise<T>, nothing: T): Promise<T> => {
    try {
      return await ask;
    } catch {
      return nothing; // no quorum, or the API is restarting: other rules still hold
    }
  };
  const [members, nodes, certificates, backups] = await Promise.all([
    options.etcd.health(),
    orNothing(nodeFacts(options.data, signal), []),
    orNothing(certificateFacts(options), []),
    orNothing(backupFacts(options.data, options.now(), signal), { masters: [] } as BackupFact),
  ]);
  return { nowMs: options.now(), members, quotaBytes: etcdQuotaBytes, nodes, certificates, backups };
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status?: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly message?: string;
        readonly lastTransitionTime?: string;
      }[];
    };
  }[];
}

interface StatsSummary {
  readonly node?: { readonly fs?: { readonly availableBytes?: number; readonly capacityBytes?: number } };
}

async function nodeFacts(data: ClusterData, signal: AbortSignal): Promise<NodeFact[]> {
  const list = await data.get<NodeList>('/api/v1/nodes', signal);
  return Promise.all(
    (list?.items ?? []).map(async ({ metadata: { name }, status }): Promise<NodeFact> => {
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      const isReady = ready?.status === 'True';
      const disk = isReady ? await diskOf(data, name, signal) : undefined;
      const since = Date.parse(ready?.lastTransitionTime ?? '');
      return {
        name,
        isReady,
        ...(!isReady && { message: ready?.message, notReadySinceMs: Number.isNaN(since) ? undefined : since }),
        ...(disk !== undefined && { disk }),
      };
    }),
  );
}

async function diskOf(data: ClusterData, node: string, signal: AbortSignal): Promise<NodeFact['disk']> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const stats = await data.get<StatsSummary>(`/api/v1/nodes/${node}/proxy/stats/summary`, limit);
    const { availableBytes, capacityBytes } = stats?.node?.fs ?? {};
    if (availableBytes === undefined || capacityBytes === undefined) return undefined;
    return { usedBytes: capacityBytes - availableBytes, capacityBytes };
  } catch {
    return undefined; // the machine's own alert says that it does not answer
  }
}

async function certificateFacts({ pkiDir, master }: GatherOptions): Promise<CertificateFact[]> {
  const names = (await readdir(pkiDir, { recursive: true })).filter((name) => name.endsWith('.crt'));
  return Promise.all(
    names.map(async (name) => {
      const { notBefore, notAfter } = inspectCertificate(await readFile(join(pkiDir, name), 'utf8'));
      return { where: `${master}:${name}`, notBeforeMs: notBefore.getTime(), notAfterMs: notAfter.getTime() };
    }),
  );
}

async function backupFacts(data: ClusterData, nowMs: number, signal: AbortSignal): Promise<BackupFact> {
  const [found, statuses] = await Promise.all([readSchedule(data, signal), data.readConfigMap(statusName, signal)]);
  const masters = Object.entries(statuses ?? {}).map(([name, text]) => {
    const { lastProvedAt, error } = parseStatus(text);
    return { name, lastProvedMs: lastProvedAt === undefined ? undefined : Date.parse(lastProvedAt), error };
  });
  if (found === undefined) return { masters };
  const runs = new Cron(found.schedule.cron, { timezone: 'UTC' }).nextRuns(8, new Date(nowMs)).map(Number);
  const everyMs = Math.max(...runs.map((run, index) => run - (runs[index - 1] ?? nowMs)));
  return { schedule: { setAtMs: found.setAtMs, everyMs }, masters };
}
