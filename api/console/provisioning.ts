// Building a cluster from machines: the wizard's draft, what the tests and the plan say, and a run as it happens.
// Structurally the same nouns as `provisioning/contract.ts`, minus everything a screen has no use for.
import type { LocalText } from './result.ts';

export type MachineRole = 'master' | 'node' | 'both';

/** A way into a machine. Secrets go one way: to the services, never back. */
export interface MachineCredentials {
  readonly kind: 'key' | 'password' | 'agent';
  readonly keyPath?: string;
  readonly passphrase?: string;
  readonly password?: string;
  readonly sudoPassword?: string;
}

export interface MachineDraft {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly role: MachineRole;
  readonly credentials: MachineCredentials;
}

/** What the wizard asks for. */
export interface ClusterDraft {
  readonly name: string;
  readonly machines: readonly MachineDraft[];
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  /** At which whichever machine is well answers for the API. */
  readonly virtualAddress?: string;
  /** Absent: masters hold etcd members of their own. */
  readonly etcd?: EtcdDraft;
}

/** An etcd that the site runs already. Paths are of PEM files on the computer of the services. */
export interface EtcdDraft {
  /** `https://host:port`, one for each member. */
  readonly endpoints: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CheckView {
  readonly id: string;
  readonly ok: boolean;
  readonly severity: 'error' | 'warning';
  readonly title: LocalText;
  readonly figure: string;
  readonly bar: string;
  readonly message: LocalText;
  readonly remedy?: LocalText;
}

export interface MachineReport {
  readonly name: string;
  readonly address: string;
  readonly hostKey?: string;
  readonly hostKeyIsNew?: boolean;
  readonly facts?: {
    readonly osName: string;
    readonly arch: string;
    readonly cpus: number;
    readonly memoryBytes: number;
    readonly diskFreeBytes: number;
  };
  readonly checks: readonly CheckView[];
}

export interface PreflightView {
  readonly ok: boolean;
  readonly machines: readonly MachineReport[];
}

export interface PlannedStepView {
  readonly id: string;
  readonly kind: string;
  readonly machine?: string;
  readonly title: LocalText;
  readonly needs: readonly string[];
}

export interface PlanView {
  readonly cluster: string;
  readonly steps: readonly PlannedStepView[];
  readonly notes: readonly LocalText[];
}

export type RunStepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'reverted';

export interface RunStepView extends PlannedStepView {
  readonly state: RunStepState;
  readonly message?: LocalText;
  readonly startedAt?: number;
  readonly elapsedMs: number;
}

export type RunState = 'running' | 'done' | 'failed' | 'cancelled';

/** What a run does: the plan, its undoing, or work of day two. */
export type RunKind =
  | 'provision'
  | 'deprovision'
  | 'backup'
  | 'prove'
  | 'restore'
  | 'restore-undo'
  | 'recover'
  | 'certificates'
  | 'rotate-authority'
  | 'support-bundle'
  | 'upgrade'
  | 'drain'
  | 'reboot'
  | 'add'
  | 'remove'
  | 'replace'
  | 'label'
  | 'drill';

/** A run as it goes. */
export interface RunSummary {
  readonly id: string;
  readonly cluster: string;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly stepsDone: number;
  readonly steps: number;
  readonly message?: LocalText;
}

/** The whole run first, then changed steps and new log lines. */
export type RunEvent =
  | {
      readonly kind: 'snapshot';
      readonly run: RunSummary;
      readonly steps: readonly RunStepView[];
      readonly log: readonly RunLogLine[];
    }
  | {
      readonly kind: 'changes';
      readonly run: RunSummary;
      readonly steps: readonly RunStepView[];
      readonly log: readonly RunLogLine[];
    };

export interface RunLogLine {
  readonly at: number;
  readonly step: string;
  readonly machine?: string;
  readonly text: string;
}
