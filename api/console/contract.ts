// The whole surface between the renderer and the console services: every command, every stream, nothing else.
// Whatever concerns a cluster carries its `clusterId`. Both shells (Electron IPC and WebSocket) carry exactly this.
import type { AccessAnswer, AccessQuestion, ColleagueKubeconfig, ColleagueWish } from './access.ts';
import type { ApplyOutcome, ChangeDiff, ChangeView } from './changes.ts';
import type { ClusterSummary, KubeconfigContexts } from './clusters.ts';
import type { DataEntry } from './configuration.ts';
import type { FileEntry, ForwardView, LogBatch, LogTarget, LogTargetView } from './containers.ts';
import type {
  AlertSettings,
  AlertView,
  BackupKeep,
  BackupPlaceDraft,
  BackupScheduleView,
  BackupView,
  CertificateView,
  NodeMarks,
  QuorumView,
  UpgradePlanView,
} from './day-two.ts';
import type {
  DeploymentDetail,
  DeploymentForm,
  DeploymentRow,
  RevisionComparison,
  ServiceAddress,
} from './deployments.ts';
import type { TrailSummary, TrailView } from './trails.ts';
import type { DrillPlan, DrillTarget, DrillView } from './drills.ts';
import type { EventRow } from './events.ts';
import type {
  ControllerRevisionView,
  KindView,
  ObjectDetail,
  RelationGraph,
  TablePage,
  TableWindow,
} from './explorer.ts';
import type { GuideView } from './guide.ts';
import type { MetricsView, UsagePast, UsageSubject } from './metrics.ts';
import type { AutoscalerReplay, AutoscalerSettings, AutoscalerView, ScaledWorkload, UsageReach } from './scaling.ts';
import type { ReachAnswer, ReachQuestion } from './network.ts';
import type { HistoryChange, HistoryCheck, HistoryMoment, HistorySpan, HistoryVersion } from './history.ts';
import type { MapPodsChange } from './map-pods.ts';
import type { NodeRow } from './nodes.ts';
import type { NotificationView } from './notifications.ts';
import type { Overview } from './overview.ts';
import type { LogChunk, PlacementReasons, PodDetail, PodRow, RemedyOutcome, WhatIf, WhatIfAnswer } from './pods.ts';
import type { PodPage, PodWindow } from './pod-window.ts';
import type { ClusterDraft, MachineDraft, MachineReport, PlanView, PreflightView } from './provisioning.ts';
import type { RunEvent, RunSummary } from './provisioning.ts';
import type { LocalText } from './result.ts';
import type { ObjectRef, RowsChange } from './rows.ts';
import type { Settings } from './settings.ts';
import type { TerminalOutput } from './terminal.ts';

interface InCluster {
  readonly clusterId: string;
}

interface OfObject extends InCluster {
  readonly object: ObjectRef;
}

interface OfMachine extends InCluster {
  readonly name: string;
}

interface Named extends InCluster {
  readonly namespace: string;
  readonly name: string;
}

type None = Readonly<Record<string, never>>;

/** Request and answer of each command. */
export interface Commands {
  'clusters.contexts': { payload: { kubeconfig: string }; value: KubeconfigContexts };
  'clusters.import': { payload: { name: string; kubeconfig: string; context?: string }; value: ClusterSummary };
  'clusters.rename': { payload: InCluster & { name: string }; value: ClusterSummary };
  /** Forgets a cluster; the cluster itself is untouched. */
  'clusters.remove': { payload: InCluster; value: None };
  'clusters.kubeconfig': { payload: InCluster; value: { kubeconfig: string } };

  'provisioning.test': { payload: { machine: MachineDraft }; value: MachineReport };
  'provisioning.preflight': { payload: { draft: ClusterDraft }; value: PreflightView };
  'provisioning.plan': { payload: { draft: ClusterDraft }; value: PlanView };
  'provisioning.start': { payload: { draft: ClusterDraft }; value: RunSummary };
  'provisioning.deprovision': { payload: { cluster: string }; value: RunSummary };
  /** Runs the plan of a cluster built here again: what is as wanted is left alone. */
  'provisioning.repair': { payload: { cluster: string }; value: RunSummary };
  'provisioning.cancel': { payload: { runId: string }; value: None };
  'provisioning.resume': { payload: { runId: string }; value: RunSummary };

  'backups.list': { payload: InCluster & { place: BackupPlaceDraft }; value: readonly BackupView[] };
  'backups.create': {
    payload: InCluster & { place: BackupPlaceDraft; passphrase: string; keep?: BackupKeep };
    value: RunSummary;
  };
  /** Restores it into a throw-away etcd and compares, object by object. */
  'backups.prove': {
    payload: InCluster & { place: BackupPlaceDraft; name: string; passphrase: string };
    value: RunSummary;
  };
  'backups.delete': { payload: InCluster & { place: BackupPlaceDraft; name: string }; value: None };
  /** A recovery key that nobody can guess, to be shown once. */
  'backups.newPassphrase': { payload: InCluster; value: { passphrase: string } };
  'backups.schedule': { payload: InCluster; value: BackupScheduleView };
  /** Without a place every master keeps its own. */
  'backups.setSchedule': {
    payload: InCluster & { cron: string; place?: BackupPlaceDraft; keep: BackupKeep; passphrase: string };
    value: BackupScheduleView;
  };
  'backups.removeSchedule': { payload: InCluster; value: None };
  /** `lost` are masters that are off for good. */
  'backups.restore': {
    payload: InCluster & { place: BackupPlaceDraft; name: string; passphrase: string; lost?: readonly string[] };
    value: RunSummary;
  };
  'backups.undoRestore': { payload: InCluster; value: RunSummary };
  'quorum.assess': { payload: InCluster; value: QuorumView };
  'quorum.recover': { payload: InCluster & { from?: string }; value: RunSummary };
  'certificates.list': { payload: InCluster; value: readonly CertificateView[] };
  'certificates.renew': { payload: InCluster & { machine?: string }; value: RunSummary };
  'certificates.rotateAuthority': { payload: InCluster; value: RunSummary };
  'alerts.get': { payload: InCluster; value: { settings: AlertSettings; active: readonly AlertView[] } };
  'alerts.set': { payload: InCluster & { settings: AlertSettings }; value: None };
  'alerts.test': { payload: InCluster; value: { sent: number } };
  /** What an upgrade to this console's programs (or a bundle's) would do. */
  'upgrade.plan': { payload: InCluster & { bundle?: string }; value: UpgradePlanView };
  'upgrade.start': {
    payload: InCluster & { bundle?: string; bundleKey?: string; drain: boolean; backup: boolean; pauseAfter?: number };
    value: RunSummary;
  };
  /** Moves pods away within their budgets; on any cluster. `force` deletes what has not moved in time. */
  'machines.drain': { payload: OfMachine & { force?: boolean; timeoutSeconds?: number }; value: RunSummary };
  /** Refused with `Conflict` while the quorum would not survive it; so are `remove` and `replace`. */
  'machines.reboot': { payload: OfMachine & { keepPods?: boolean }; value: RunSummary };
  'machines.add': { payload: InCluster & { machines: readonly MachineDraft[] }; value: RunSummary };
  'machines.remove': { payload: OfMachine & { isDead: boolean }; value: RunSummary };
  'machines.replace': { payload: OfMachine & { isDead: boolean; machine: MachineDraft }; value: RunSummary };
  /** Machines whose loss, one at a time, the quorum would not survive, each with the reason. */
  'machines.guarded': { payload: InCluster; value: readonly { machine: string; reason: LocalText }[] };
  /** What a chaos drill would do, and why it may not be done now. Machines are only broken on clusters built here. */
  'drills.plan': { payload: InCluster & { target: DrillTarget; holdSeconds: number }; value: DrillPlan };
  /** Refused with `Conflict` when the plan has refusals. Cancelling the run puts everything back at once. */
  'drills.start': { payload: InCluster & { target: DrillTarget; holdSeconds: number }; value: RunSummary };
  /** Makes sure that a machine is back whose drill was cut. */
  'drills.putBack': { payload: InCluster & { id: string }; value: RunSummary };
  'trails.get': { payload: InCluster & { id: string }; value: TrailView };
  /** JSON lines with their seals, and the signed end of the record. */
  'trails.export': { payload: InCluster & { id: string }; value: { readonly name: string; readonly text: string } };
  'support.bundle': { payload: InCluster & { folder: string }; value: RunSummary };

  /** Sets labels and taints in one recorded write; on clusters built here labels are also kept for a new registration. */
  'nodes.mark': { payload: InCluster & { name: string; marks: NodeMarks }; value: { run?: RunSummary } };
  'nodes.cordon': { payload: InCluster & { name: string; cordoned: boolean }; value: None };
  'pods.delete': { payload: Named & { graceSeconds?: number }; value: None };

  /** The last lines of a container before it last ended; none when nothing is kept. */
  'pods.lastWords': { payload: Named & { container: string }; value: { lines: readonly string[] } };
  /** Why a pod is where it is, or why it waits; `NotSupported` on clusters that cannot tell. */
  'pods.placement': { payload: Named; value: PlacementReasons };

  /** Does what a pod's placement suggests, or with `dryRun` says what that would do; `Conflict` when no longer suggested. */
  'pods.remedy': { payload: Named & { kind: string; node: string; dryRun: boolean }; value: RemedyOutcome };

  /** Rehearses changes without doing anything; `NotSupported` on clusters that cannot. */
  'placement.whatIf': { payload: InCluster & { changes: readonly WhatIf[] }; value: WhatIfAnswer };

  'deployments.create': { payload: InCluster & { form: DeploymentForm }; value: ObjectRef };
  /** The documents the form stands for, after the server's own dry run. */
  'deployments.preview': { payload: InCluster & { form: DeploymentForm }; value: { yaml: string } };
  'deployments.scale': { payload: Named & { replicas: number }; value: None };
  'deployments.restart': { payload: Named; value: None };
  'deployments.pause': { payload: Named & { paused: boolean }; value: None };
  'deployments.setImage': { payload: Named & { container: string; image: string }; value: None };
  /** Sets the plain variables of one container to exactly these; those that other objects give stay. */
  'deployments.setVariables': {
    payload: Named & { container: string; variables: readonly { name: string; value: string }[] };
    value: None;
  };
  'deployments.compare': { payload: Named & { revision: number }; value: RevisionComparison };
  'deployments.rollback': { payload: Named & { revision: number }; value: None };
  'deployments.delete': { payload: Named; value: None };

  /** Makes an autoscaler for a workload, or changes the one it has. */
  'scaling.apply': { payload: InCluster & { workload: ScaledWorkload; settings: AutoscalerSettings }; value: None };
  /** Takes the workload's autoscaler away; its pods stay as many as they are. */
  'scaling.remove': { payload: InCluster & { workload: ScaledWorkload }; value: None };
  /** What these settings would have made of the recorded load; `NotSupported` on clusters that record none. */
  'scaling.replay': {
    payload: InCluster & { workload: ScaledWorkload; settings: AutoscalerSettings; reach: UsageReach };
    value: AutoscalerReplay;
  };

  /** What was recorded of a machine's or pod's usage lately; `NotSupported` on clusters that record none. */
  'metrics.past': { payload: InCluster & { subject: UsageSubject; hours: number }; value: UsagePast };

  /** Every kind the cluster serves, by discovery. */
  'explorer.kinds': { payload: InCluster; value: readonly KindView[] };
  /** What an object belongs to, and what belongs to it. */
  'explorer.relations': { payload: OfObject; value: RelationGraph };

  'workloads.scale': { payload: OfObject & { replicas: number }; value: None };
  'workloads.restart': { payload: OfObject; value: None };
  'workloads.suspend': { payload: OfObject & { suspended: boolean }; value: None };
  /** Runs a CronJob now; answers the Job. */
  'workloads.trigger': { payload: OfObject; value: ObjectRef };
  'workloads.revisions': { payload: OfObject; value: readonly ControllerRevisionView[] };
  'workloads.compare': { payload: OfObject & { revision: number }; value: RevisionComparison };
  'workloads.rollback': { payload: OfObject & { revision: number }; value: None };

  'configuration.data': { payload: OfObject; value: readonly DataEntry[] };
  /** The value of one entry of a Secret, as text. */
  'configuration.reveal': { payload: OfObject & { key: string }; value: { text: string } };

  /** Secrets come without their values unless `reveal` asks for them. */
  /** An object as YAML; `hidden` when secrets are masked in it, `isCut` when it is too long to be shown, or edited, whole. */
  'yaml.get': { payload: OfObject & { reveal?: boolean }; value: { yaml: string; hidden: boolean; isCut: boolean } };
  'yaml.apply': { payload: InCluster & { yaml: string; dryRun: boolean }; value: readonly ApplyOutcome[] };
  'yaml.delete': { payload: InCluster & { object: ObjectRef }; value: None };

  'changes.diff': { payload: InCluster & { id: string }; value: ChangeDiff };
  /** Tries the undo as a dry run and says what it would do. */
  'changes.preview': { payload: InCluster & { id: string }; value: ChangeDiff };
  'changes.undo': { payload: InCluster & { id: string }; value: None };

  'history.span': { payload: InCluster & { buckets: number }; value: HistorySpan };
  'history.moment': { payload: InCluster & { at: number }; value: HistoryMoment };
  /** What differs between two moments, newest first; `more` is how many were left out. */
  'history.changes': {
    payload: InCluster & { from: number; to: number };
    value: { changes: readonly HistoryChange[]; more: number };
  };
  'history.versions': { payload: InCluster & { key: string }; value: { versions: readonly HistoryVersion[] } };
  /** Brings an object back as it was at `at`, or with `dryRun` says what that would do. */
  'history.restore': { payload: InCluster & { key: string; at: number; dryRun: boolean }; value: ChangeDiff };
  'history.check': { payload: InCluster; value: HistoryCheck };

  'access.whoCan': { payload: InCluster & { question: AccessQuestion }; value: AccessAnswer };
  /** A kubeconfig of limited life for a colleague, bound to a cluster role. */
  'access.invite': { payload: InCluster & { wish: ColleagueWish }; value: ColleagueKubeconfig };

  'network.reach': { payload: InCluster & { question: ReachQuestion }; value: ReachAnswer };

  /** Objects of any kind by words of their name, kind and namespace, best first. */
  'search.objects': { payload: InCluster & { text: string }; value: readonly ObjectRef[] };

  'logs.targets': { payload: InCluster & { namespace?: string }; value: readonly LogTargetView[] };

  /** Files in a container, up to a few MiB; the container must hold `ls`, `cat`, `sh` and `head`. */
  'files.list': { payload: Named & { container: string; path: string }; value: readonly FileEntry[] };
  'files.read': { payload: Named & { container: string; path: string }; value: { base64: string } };
  'files.write': { payload: Named & { container: string; path: string; base64: string }; value: None };

  'forwards.open': { payload: Named & { port: number; localPort: number }; value: ForwardView };
  'forwards.close': { payload: { id: string }; value: None };

  /** Marks notifications read, all of them unless `ids` says which. */
  'notifications.read': { payload: { ids?: readonly string[] }; value: None };

  'settings.get': { payload: None; value: Settings };
  'settings.set': { payload: Partial<Settings>; value: Settings };

  'terminal.input': { payload: InCluster & { sessionId: string; text: string }; value: None };
  'terminal.resize': { payload: InCluster & { sessionId: string; columns: number; rows: number }; value: None };
}

/** Subscription and deliveries of each stream. */
export interface Streams {
  clusters: { payload: None; data: readonly ClusterSummary[] };
  namespaces: { payload: InCluster; data: readonly string[] };
  /** The autoscaler of a workload; null when it has none. */
  autoscaler: { payload: InCluster & { workload: ScaledWorkload }; data: AutoscalerView | null };
  overview: { payload: InCluster; data: Overview };
  /** The first hour with a new cluster, ticked off by facts. */
  guide: { payload: InCluster; data: GuideView };
  nodes: { payload: InCluster; data: RowsChange<NodeRow> };
  pods: {
    payload: InCluster & { namespace?: string; node?: string; owner?: { kind: string; name: string } };
    data: RowsChange<PodRow>;
  };
  /** Part of the sorted and searched list of all pods, or of a namespace's. */
  'pods.window': { payload: InCluster & { namespace?: string; window: PodWindow }; data: PodPage };
  /** Every pod, as the map needs it. */
  placement: { payload: InCluster; data: MapPodsChange };
  pod: { payload: Named; data: PodDetail | null };
  'pod.log': {
    payload: Named & { container: string; tailLines: number; previous?: boolean };
    data: LogChunk;
  };
  deployments: { payload: InCluster & { namespace?: string }; data: RowsChange<DeploymentRow> };
  deployment: { payload: Named; data: DeploymentDetail | null };
  /** The Services that lead to a Deployment's pods. */
  'deployment.addresses': { payload: Named; data: readonly ServiceAddress[] };
  events: {
    payload: InCluster & { namespace?: string; object?: { kind: string; name: string }; newest?: number };
    data: RowsChange<EventRow>;
  };
  /** One page of the server's own table of a kind. */
  'explorer.table': {
    payload: InCluster & {
      apiVersion: string;
      kind: string;
      namespace?: string;
      labelSelector?: string;
      window: TableWindow;
    };
    data: TablePage;
  };
  object: { payload: OfObject; data: ObjectDetail | null };
  changes: { payload: InCluster; data: readonly ChangeView[] };
  /** What was done through this console, newest first; each with its trace id. */
  trails: { payload: InCluster; data: readonly TrailSummary[] };
  /** Chaos drills, under way and over, newest first. */
  drills: { payload: InCluster; data: readonly DrillView[] };
  logs: {
    payload: InCluster & { target: LogTarget; container?: string; tailLines: number; sinceSeconds?: number };
    data: LogBatch;
  };
  metrics: {
    payload: InCluster & {
      scope: { kind: 'cluster' } | { kind: 'node'; name: string } | { kind: 'pod'; namespace: string; name: string };
    };
    data: MetricsView;
  };
  forwards: { payload: None; data: readonly ForwardView[] };
  /** The person's choices, as any window changes them. */
  settings: { payload: None; data: Settings };
  /** What needs a person, newest first, with what is over for less than a week. */
  notifications: { payload: None; data: readonly NotificationView[] };
  /** All runs of this console, newest first. */
  'provisioning.runs': { payload: None; data: readonly RunSummary[] };
  'provisioning.run': { payload: { runId: string }; data: RunEvent };
  /** A shell in a container; input goes by `terminal.input` with the session's id. */
  terminal: {
    payload: Named & { container: string; command: readonly string[]; columns: number; rows: number };
    data: TerminalOutput;
  };
}

export type CommandName = keyof Commands;
export type StreamName = keyof Streams;
export type CommandPayload<N extends CommandName> = Commands[N]['payload'];
export type CommandValue<N extends CommandName> = Commands[N]['value'];
export type StreamPayload<N extends StreamName> = Streams[N]['payload'];
export type StreamData<N extends StreamName> = Streams[N]['data'];
