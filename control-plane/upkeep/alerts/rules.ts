// What is worth waking somebody for, decided from facts alone. Pure. An alert's id names what is wrong with what, so that
// the same trouble is one alert however often it is seen.
import type { EtcdMemberHealth } from '../../../machinery/etcd/index.ts';

export type AlertKind =
  'quorum-at-risk' | 'quorum-lost' | 'machine-lost' | 'disk-filling' | 'certificate-ending' | 'backup-not-proved';

export interface Alert {
  readonly id: string;
  readonly kind: AlertKind;
  /** What it is about: a member, a machine, a file. */
  readonly subject: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export interface NodeFact {
  readonly name: string;
  readonly isReady: boolean;
  readonly notReadySinceMs?: number;
  readonly message?: string;
  /** Of the file system that pods and images are on. */
  readonly disk?: { readonly usedBytes: number; readonly capacityBytes: number };
}

export interface CertificateFact {
  readonly where: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface BackupFact {
  /** Absent: nothing is scheduled. */
  readonly schedule?: {
    readonly setAtMs: number;
    /** The longest time between two runs. */
    readonly everyMs: number;
  };
  readonly masters: readonly { readonly name: string; readonly lastProvedMs?: number; readonly error?: string }[];
}

export interface Facts {
  readonly nowMs: number;
  readonly members: readonly EtcdMemberHealth[];
  readonly quotaBytes: number;
  readonly nodes: readonly NodeFact[];
  readonly certificates: readonly CertificateFact[];
  readonly backups: BackupFact;
}

const machineLostAfterMs = 60_000;
const diskShare = 0.85;
const quotaShare = 0.75;
/** Renewal begins at two thirds: whoever gets here was not renewed. */
const certificateShare = 0.85;
const dayMs = 86_400_000;

/** Every alert that holds now. */
export function findAlerts(facts: Facts): Alert[] {
  return [
    ...quorumAlerts(facts),
    ...machineAlerts(facts),
    ...diskAlerts(facts),
    ...certificateAlerts(facts),
    ...backupAlerts(facts),
  ];
}

function quorumAlerts({ members }: Facts): Alert[] {
  const lost = members.filter(({ healthy }) => !healthy);
  if (lost.length === 0) return [];
  const working = members.length - lost.length;
  const kind = working * 2 > members.length ? 'quorum-at-risk' : 'quorum-lost';
  const values = {
    lost: lost.map(({ name }) => name).join(', '),
    working,
    members: members.length,
    spare: Math.max(0, working - (Math.floor(members.length / 2) + 1)),
  };
  return [{ id: kind, kind, subject: values.lost, values }];
}

function machineAlerts({ nodes, nowMs }: Facts): Alert[] {
  return nodes
    .filter(({ isReady, notReadySinceMs }) => !isReady && nowMs - (notReadySinceMs ?? nowMs) >= machineLostAfterMs)
    .map(({ name, message, notReadySinceMs }) => ({
      id: `machine-lost/${name}`,
      kind: 'machine-lost',
      subject: name,
      values: { machine: name, reason: message ?? '', since: new Date(notReadySinceMs ?? nowMs).toISOString() },
    }));
}

function diskAlerts({ nodes, members, quotaBytes }: Facts): Alert[] {
  const disks = nodes.flatMap(({ name, disk }): Alert[] => {
    if (disk === undefined || disk.capacityBytes === 0 || disk.usedBytes / disk.capacityBytes < diskShare) return [];
    const values = {
      machine: name,
      percent: Math.round((100 * disk.usedBytes) / disk.capacityBytes),
      free: `${((disk.capacityBytes - disk.usedBytes) / 1e9).toFixed(1)} GB`,
    };
    return [{ id: `disk-filling/${name}`, kind: 'disk-filling', subject: name, values }];
  });
  const quotas = members
    .filter(({ dbInUseBytes }) => dbInUseBytes / quotaBytes >= quotaShare)
    .map(({ name, dbInUseBytes }): Alert => {
      const free = `${((quotaBytes - dbInUseBytes) / 1e9).toFixed(1)} GB`;
      const values = { machine: `etcd ${name}`, percent: Math.round((100 * dbInUseBytes) / quotaBytes), free };
      return { id: `disk-filling/etcd/${name}`, kind: 'disk-filling', subject: `etcd ${name}`, values };
    });
  return [...disks, ...quotas];
}

function certificateAlerts({ certificates, nowMs }: Facts): Alert[] {
  return certificates
    .filter(({ notBeforeMs, notAfterMs }) => nowMs >= notBeforeMs + certificateShare * (notAfterMs - notBeforeMs))
    .map(({ where, notAfterMs }) => ({
      id: `certificate-ending/${where}`,
      kind: 'certificate-ending',
      subject: where,
      values: {
        where,
        days: Math.max(0, Math.floor((notAfterMs - nowMs) / dayMs)),
        end: new Date(notAfterMs).toISOString(),
      },
    }));
}

/** A schedule whose last proof is older than two of its own intervals, by every master that should have one. */
function backupAlerts({ backups: { schedule, masters }, nowMs }: Facts): Alert[] {
  if (schedule === undefined) return [];
  const oldestMs = nowMs - 2 * schedule.everyMs;
  const proved = masters.map(({ lastProvedMs }) => lastProvedMs ?? schedule.setAtMs);
  const newestMs = Math.max(schedule.setAtMs, ...proved);
  const failure = masters.find(({ error }) => error !== undefined)?.error;
  if (newestMs >= oldestMs) return [];
  const values = {
    last: masters.some(({ lastProvedMs }) => lastProvedMs !== undefined) ? new Date(newestMs).toISOString() : '-',
    reason: failure ?? '-',
  };
  return [{ id: 'backup-not-proved', kind: 'backup-not-proved', subject: 'backups', values }];
}
