// Runs of provisioning started from this console: test, plan, start, cancel, resume, take apart.
// Guarantees: one run at a time per cluster; a run goes on when its page closes; passwords are held in memory only, for
// as long as the run may be resumed; what happened on the machines is kept there, by provisioning itself.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ClusterDraft,
  LocalText,
  MachineDraft,
  MachineReport,
  PlanView,
  PreflightView,
  RunEvent,
  RunKind,
  RunSummary,
} from '../../../api/console/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import { currentTrace } from '../../../machinery/trace.ts';
import type { ClusterSpec, Credentials, MachineSpec, ProvisionOptions } from '../../../provisioning/contract.ts';
import type { Unsubscribe } from '../contract.ts';
import { ServiceError, toConsoleError } from '../errors.ts';
import { coalesce } from '../streams/coalesce.ts';
import { clusterDocument, type Provisioner } from './provisioner.ts';
import { keepCredentials, withKeptCredentials, type Vault } from './sealed-credentials.ts';
import { createRunRecord, localText, type RunRecord } from './run.ts';

type PlanKind = Extract<RunKind, 'provision' | 'deprovision'>;

/** How work ended; `message` says why it did not end well. */
export interface Outcome {
  readonly ok: boolean;
  readonly message?: LocalText;
}

/** Work on a cluster built here; its steps appear as they report. */
export type Task = (spec: ClusterSpec, options: ProvisionOptions) => Promise<Outcome>;

/** Work that needs no login to machines. */
export type ApiTask = (options: ProvisionOptions) => Promise<Outcome>;

export interface ProvisioningRuns {
  test(machine: MachineDraft): Promise<MachineReport>;
  preflight(draft: ClusterDraft): Promise<PreflightView>;
  plan(draft: ClusterDraft): Promise<PlanView>;
  start(draft: ClusterDraft): Promise<RunSummary>;
  /** Runs the plan of a known cluster again (what is as wanted is left alone), or takes the cluster apart. */
  again(cluster: string, kind: PlanKind): Promise<RunSummary>;
  /** Runs work of day two on a known cluster as a run like any other: one at a time, followed, cancelled, run again. */
  task(cluster: string, kind: RunKind, work: Task): Promise<RunSummary>;
  /** The same for any cluster, through its API alone. */
  apiTask(cluster: string, kind: RunKind, work: ApiTask): Promise<RunSummary>;
  /** The cluster as this console knows it, with the credentials it keeps. */
  specOf(cluster: string): Promise<ClusterSpec>;
  /** Keeps how to log in to a cluster's machines, also to those that are about to join. */
  remember(spec: ClusterSpec): Promise<void>;
  cancel(runId: string): void;
  resume(runId: string): Promise<RunSummary>;
  list(): readonly RunSummary[];
  /** Calls back when a run begins, moves on or ends. */
  onDidChange(listener: () => void): Unsubscribe;
  follow(runId: string, onEvent: (event: RunEvent) => void): Unsubscribe;
  close(): Promise<void>;
}

export interface RunsOptions {
  readonly home: string;
  readonly clock: Clock;
  readonly load: () => Promise<Provisioner>;
  /** Where programs for the machines lie, in a packaged console. */
  readonly vault?: Vault;
  readonly programs?: Pick<ProvisionOptions, 'programsDir' | 'nodePath'>;
}

interface Run {
  readonly cluster: string;
  /** Absent for clusters that were not built here. */
  readonly spec: ClusterSpec | undefined;
  readonly kind: RunKind;
  readonly work: ApiTask;
  readonly record: RunRecord;
  readonly followers: Set<(event: RunEvent) => void>;
  /** Tells the followers what is new. */
  deliver(): void;
  readonly ending: AbortController;
  finished: Promise<void>;
}

const deliverEveryMs = 120;

/** The runs of one console. */
export function createProvisioningRuns({ home, clock, load, programs, vault }: RunsOptions): ProvisioningRuns {
  const runs = new Map<string, Run>();
  const listeners = new Set<() => void>();
  const announce = (): void => {
    for (const listener of [...listeners]) listener();
  };

  const get = (runId: string): Run => {
    const run = runs.get(runId);
    if (run === undefined) throw new ServiceError('NotFound', 'This run is not known to the console.');
    return run;
  };
  const carryOut = async (run: Run): Promise<void> => {
    const { record, ending, work } = run;
    const soon = coalesce(clock, deliverEveryMs, run.deliver);
    try {
      const result = await work({
        ...programs,
        home,
        signal: ending.signal,
        onProgress(event) {
          record.onProgress(event, clock.now());
          soon.request();
        },
      });
      record.end(result.ok ? 'done' : ending.signal.aborted ? 'cancelled' : 'failed', clock.now(), result.message);
    } catch (error) {
      const { local, message } = toConsoleError(error);
      const text = local?.message ?? { en: message, 'zh-CN': message };
      record.end(ending.signal.aborted ? 'cancelled' : 'failed', clock.now(), ending.signal.aborted ? undefined : text);
    }
    soon.cancel();
    run.deliver();
    const { state, message } = record.summary;
    currentTrace()?.note('end', { ok: state === 'done', what: run.kind, message: message?.en ?? state });
  };
  const begin = async (
    cluster: string,
    spec: ClusterSpec | undefined,
    kind: RunKind,
    work: ApiTask,
  ): Promise<RunSummary> => {
    const requireIdle = (): void => {
      const isUnderWay = [...runs.values()].some(
        (run) => run.cluster === cluster && run.record.summary.state === 'running',
      );
      if (isUnderWay) throw new ServiceError('Conflict', `A run for ${cluster} is under way.`);
    };
    requireIdle();
    const steps = kind === 'provision' && spec !== undefined ? (await load()).planCluster(spec).steps : [];
    requireIdle(); // another may have begun while the plan was made
    const about = { id: randomUUID(), cluster, kind, startedAt: clock.now() };
    const record = createRunRecord(about, steps);
    const followers: Run['followers'] = new Set();
    const run: Run = {
      cluster,
      spec,
      kind,
      work,
      record,
      followers,
      deliver() {
        const event = record.takeChanges();
        if (event === undefined) return;
        for (const follower of [...followers]) follower(event);
        announce();
      },
      ending: new AbortController(),
      finished: Promise.resolve(),
    };
    runs.set(about.id, run);
    announce();
    run.finished = carryOut(run);
    return run.record.summary;
  };

  const beginTask = (spec: ClusterSpec, kind: RunKind, work: Task): Promise<RunSummary> =>
    begin(spec.name, spec, kind, (options) => work(spec, options));
  const planTask =
    (kind: PlanKind): Task =>
    async (spec, options) =>
      (await load())[kind](spec, options);

  // Passwords of machines, for as long as this console runs; the cluster file holds none.
  const logins = new Map<string, Map<string, Credentials>>();
  const remember = async (spec: ClusterSpec): Promise<void> => {
    const known = logins.get(spec.name) ?? new Map<string, Credentials>();
    for (const { name, credentials } of spec.machines) known.set(name, { ...known.get(name), ...credentials });
    logins.set(spec.name, known);
    await keepCredentials(home, vault, spec);
  };
  /** As the cluster file says it now: machines come and go between runs. */
  const specOf = async (cluster: string): Promise<ClusterSpec> => {
    const baseDir = join(home, 'clusters', cluster);
    let text: string;
    try {
      text = await readFile(join(baseDir, 'cluster.yaml'), 'utf8');
    } catch (cause) {
      const begun = [...runs.values()].findLast(({ spec }) => spec?.name === cluster)?.spec;
      if (begun !== undefined) return begun;
      throw new ServiceError('UnknownCluster', `${cluster} was not built with this console.`, { cause });
    }
    const written = (await load()).readClusterFile(text, { baseDir, isRunning: true });
    const spec = await withKeptCredentials(home, vault, written);
    const known = logins.get(cluster);
    const withLogin = (machine: MachineSpec): MachineSpec => ({
      ...machine,
      credentials: { ...machine.credentials, ...known?.get(machine.name) },
    });
    return { ...spec, machines: spec.machines.map(withLogin) };
  };

  return {
    async test(machine) {
      const provisioner = await load();
      const spec = provisioner.createClusterSpec(
        clusterDocument({ name: 'connection-test', machines: [{ ...machine, role: 'both' }] }),
      );
      const [report] = (await provisioner.preflight(spec, { home })).machines;
      if (report === undefined) throw new ServiceError('Internal', 'The test gave no answer.');
      return report;
    },
    async preflight(draft) {
      const provisioner = await load();
      return provisioner.preflight(provisioner.createClusterSpec(clusterDocument(draft)), { home });
    },
    async plan(draft) {
      const provisioner = await load();
      const plan = provisioner.planCluster(provisioner.createClusterSpec(clusterDocument(draft)));
      return { ...plan, notes: plan.notes.map(localText) };
    },
    async start(draft) {
      const spec = (await load()).createClusterSpec(clusterDocument(draft));
      await remember(spec);
      return beginTask(spec, 'provision', planTask('provision'));
    },
    again: async (cluster, kind) => beginTask(await specOf(cluster), kind, planTask(kind)),
    task: async (cluster, kind, work) => beginTask(await specOf(cluster), kind, work),
    apiTask: (cluster, kind, work) => begin(cluster, undefined, kind, work),
    specOf,
    remember,
    cancel: (runId) => get(runId).ending.abort(),
    async resume(runId) {
      const { cluster, spec, kind, work, finished } = get(runId);
      await finished;
      return begin(cluster, spec, kind, work);
    },
    list: () => [...runs.values()].map(({ record }) => record.summary).reverse(),
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow(runId, onEvent) {
      const { record, followers, deliver } = get(runId);
      deliver(); // the others have what is new before the newcomer's snapshot says it too
      onEvent(record.snapshot());
      followers.add(onEvent);
      return () => void followers.delete(onEvent);
    },
    async close() {
      for (const { ending } of runs.values()) ending.abort();
      await Promise.all([...runs.values()].map(({ finished }) => finished));
    },
  };
}
