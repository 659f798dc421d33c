// Day two of a cluster built here: backups, restore, quorum, certificates, alerts, the support bundle.
// Whatever takes long is a run: its command answers a RunSummary, and `provisioning.run` follows it like any other.

/** Where backups are. Secrets go one way: to the services, never back. */
export type BackupPlaceDraft =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'machine'; readonly machine: string }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly bucket: string;
      readonly prefix?: string;
      readonly region?: string;
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
    };

export interface BackupKeep {
  readonly count: number;
  readonly days?: number;
}

export interface BackupView {
  readonly name: string;
  readonly createdAt: number;
  readonly bytes: number;
  readonly revision: number;
  /** Absent: it was never shown that it can be restored. */
  readonly proof?: { readonly provedAt: number; readonly objects: number; readonly etcdVersion: string };
}

/** The schedule by which masters make backups with every console closed. */
export interface BackupScheduleView {
  /** Absent: nothing is scheduled. */
  readonly schedule?: {
    readonly cron: string;
    readonly place: string;
    readonly keep: BackupKeep;
    readonly nextAt?: number;
  };
  readonly masters: readonly {
    readonly name: string;
    readonly lastStartedAt?: number;
    readonly lastProvedAt?: number;
    readonly objects?: number;
    readonly error?: string;
  }[];
  /** Whether a passphrase was set before; then the same one is wanted again. */
  readonly hasKey: boolean;
}

/** `gone`: only a backup helps. */
export type QuorumStateView = 'healthy' | 'at-risk' | 'lost' | 'gone';

export interface QuorumView {
  readonly state: QuorumStateView;
  readonly masters: readonly {
    readonly name: string;
    readonly address: string;
    readonly isReachable: boolean;
    readonly hasData?: boolean;
    readonly hasLeader?: boolean;
    readonly revision?: number;
    readonly lastWriteMs?: number;
    /** What ninety-nine of a hundred writes of its log to disk stay under. */
    readonly fsyncMs?: number;
    readonly reason?: string;
  }[];
  /** Masters to recover from, the one that knows most first. */
  readonly survivors: readonly string[];
}

export type CertificateTone = 'good' | 'due' | 'ending' | 'ended';

/** One certificate on one machine (or `console`). */
export interface CertificateView {
  readonly machine: string;
  readonly file: string;
  readonly subject: string;
  readonly issuer: string;
  readonly isAuthority: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Share of its life that is over, 0 to 1; renewed by itself from two thirds on. */
  readonly age: number;
  readonly tone: CertificateTone;
}

/** What alerts go out, and where to. Passwords are never sent back: absent keeps the present one. */
export interface AlertSettings {
  readonly email?: {
    readonly host: string;
    readonly port: number;
    readonly security: 'tls' | 'starttls' | 'none';
    readonly user?: string;
    readonly password?: string;
    readonly from: string;
    readonly to: readonly string[];
  };
  readonly webhooks: readonly { readonly url: string; readonly secret?: string }[];
  readonly language: 'en' | 'zh-CN';
}

export type AlertKind =
  'quorum-at-risk' | 'quorum-lost' | 'machine-lost' | 'disk-filling' | 'certificate-ending' | 'backup-not-proved';

export interface AlertView {
  readonly id: string;
  readonly kind: AlertKind;
  readonly subject: string;
  readonly since: number;
  readonly message: { readonly en: string; readonly 'zh-CN': string };
}

/** What an upgrade to the programs of this console would do; nothing is changed by asking. */
export interface UpgradePlanView {
  readonly version: string;
  /** In the order they would change; `isDue` when they run something else. */
  readonly machines: readonly {
    readonly name: string;
    readonly isMaster: boolean;
    readonly version: string;
    readonly isDue: boolean;
  }[];
  /** Machines whose version may not meet the new one; then nothing is begun. */
  readonly tooFar: readonly string[];
  /** Why it would not begin now; empty when all is well. */
  readonly problems: readonly string[];
}

/** Labels and taints as they shall be; `null` takes a label away. */
export interface NodeMarks {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}
