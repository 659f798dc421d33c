// A drill from its plan to its result: looked at before, broken, put back, waited for until the cluster is whole again, and
// compared with what was predicted. Guarantees: refused when the cluster is not fit for it at the moment it would begin;
// what was broken is put back and waited for also when it is cancelled; how it ended is kept.
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type {
  DrillPlan,
  DrillTarget,
  DrillView,
  LocalText,
  RunStepState,
  RunSummary,
} from '../../../api/console/index.ts';
import { currentTrace } from '../../../machinery/trace.ts';
import { pods, type Node } from '../../../api/kinds/core/index.ts';
import type { ClusterSpec, MachineBreak, ProvisionOptions } from '../../../provisioning/index.ts';
import { ProvisioningError } from '../../../provisioning/errors.ts';
import { deleteObject } from '../changes/recorded.ts';
import type { Context } from '../context.ts';
import { refusalOf, toConsoleError } from '../errors.ts';
import type { Outcome } from '../provisioning/runs.ts';
import { coalesce } from '../streams/coalesce.ts';
import { compareDrill } from './compare.ts';
import { drillFacts, type DrillFacts } from './facts.ts';
import { clusterSight, follow } from './follow-cluster.ts';
import { createObservation, type Observation } from './observe.ts';
import { planDrill } from './plan-drill.ts';

const wholeWithinMs = 180_000;
/** A drill that was cancelled has put all back; nobody waits long to see it. */
const cancelledWholeWithinMs = 15_000;
const lookMs = 200;
const tellMs = 500;
const wholeTitle: LocalText = { en: 'Wait until all is as it was', 'zh-CN': '等待一切恢复原状' };

/** What a drill would do now, and whether it may. */
export async function drillPlan(
  context: Context,
  id: string,
  target: DrillTarget,
  holdSeconds: number,
): Promise<{ plan: DrillPlan; facts: DrillFacts }> {
  const facts = await drillFacts(context, id, target, holdSeconds);
  return { plan: planDrill(facts), facts };
}

async function permitted(...of: Parameters<typeof drillPlan>): ReturnType<typeof drillPlan> {
  const found = await drillPlan(...of);
  const { refusals } = found.plan;
  if (refusals.length > 0) {
    throw refusalOf(
      'Conflict',
      { en: refusals.map(({ en }) => en).join(' '), 'zh-CN': refusals.map((one) => one['zh-CN']).join('') },
      {
        en: 'A drill begins on a healthy cluster that can do without what is broken. Mend this first (Overview tells what is wrong).',
        'zh-CN': '演练须在健康且能承受该故障的集群上进行。请先解决此问题（参见“概览”）。',
      },
    );
  }
  return found;
}

/** Begins a drill as a run; throws ServiceError `Conflict` with the reason when it may not be done. */
export async function startDrill(
  context: Context,
  id: string,
  target: DrillTarget,
  holdSeconds: number,
): Promise<RunSummary> {
  const { runs } = context;
  await permitted(context, id, target, holdSeconds);
  // A run can be begun again later: what was permitted once is looked at anew.
  const work = async (spec: ClusterSpec | undefined, options: ProvisionOptions): Promise<Outcome> => {
    const { plan, facts } = await permitted(context, id, target, holdSeconds);
    return carryOut(context, { id, plan, facts, spec }, options);
  };
  return target.kind === 'pod'
    ? runs.apiTask(id, 'drill', (options) => work(undefined, options))
    : runs.task(id, 'drill', work);
}

interface Drill {
  readonly id: string;
  readonly plan: DrillPlan;
  readonly facts: DrillFacts;
  readonly spec: ClusterSpec | undefined;
}

async function carryOut(context: Context, drill: Drill, options: ProvisionOptions): Promise<Outcome> {
  const { clock, drills, runs } = context;
  const { id, plan } = drill;
  const { session } = context.clusters.get(id);
  const ending = new AbortController();
  const sight = await clusterSight(session, clock, ending.signal);
  const observation = createObservation(sight(), plan.target.kind === 'pod' ? undefined : plan.target.machine);
  let view: DrillView = {
    id: randomUUID(),
    runId: runs.list().find((run) => run.cluster === id && run.state === 'running')?.id,
    trace: currentTrace()?.id,
    target: plan.target,
    holdSeconds: plan.holdSeconds,
    user: userInfo().username,
    startedAt: clock.now(),
    state: 'running',
    prediction: plan.prediction,
    actual: observation.actual,
    verdicts: [],
  };
  const put = (more: Partial<DrillView> = {}): Promise<void> => {
    view = { ...view, actual: observation.actual, ...more };
    return drills.put(id, view);
  };
  await put();
  const soon = coalesce(clock, tellMs, () => void put());
  const following = follow(session, sight, observation, clock, ending.signal, soon.request);
  let failure: LocalText | undefined;
  try {
    await breakIt(context, drill, observation, options);
  } catch (error) {
    const isNotBack = error instanceof ProvisioningError && error.reason === 'DrillNotBack';
    if (isNotBack || options.signal?.aborted !== true) failure = textOf(error);
  }
  const isWhole = await untilWhole(context, observation, options);
  ending.abort();
  await following;
  soon.cancel();
  const isCancelled = options.signal?.aborted === true;
  const state = failure !== undefined ? 'failed' : isCancelled ? 'cancelled' : isWhole ? 'done' : 'failed';
  const message = failure ?? (isWhole ? undefined : notWhole(observation.missing));
  const verdicts = compareDrill(plan.prediction, observation.actual, isWhole && failure === undefined);
  await put({ state, endedAt: clock.now(), verdicts, ...(message && { message }) });
  return { ok: state === 'done', ...(message && { message }) };
}

async function breakIt(
  context: Context,
  { id, plan, facts, spec }: Drill,
  observation: Observation,
  options: ProvisionOptions,
): Promise<void> {
  const { clock } = context;
  const { target, holdSeconds } = plan;
  const onBroken = (): void => observation.broken(clock.now());
  const onBack = (): void => observation.back(clock.now());
  if (target.kind === 'pod') {
    const { namespace, name } = target;
    onBroken();
    await deleteObject(context, { clusterId: id, resource: pods, namespace, name }, 0);
    onBack(); // what makes it anew is the cluster itself
    return;
  }
  if (spec === undefined) throw new TypeError('a drill on a machine needs its login');
  const { drillMachine } = await import('../../../provisioning/index.ts');
  const broken = machineBreak(target, facts.nodes, spec);
  await drillMachine(spec, { machine: target.machine, broken, holdSeconds }, { ...options, onBroken, onBack });
}

/** What is done to the machine; a link is cut from every address that others of the cluster send from. */
export function machineBreak(
  { kind, machine }: Exclude<DrillTarget, { kind: 'pod' }>,
  nodes: readonly Node[],
  spec: Pick<ClusterSpec, 'machines' | 'settings'>,
): MachineBreak {
  if (kind !== 'link') return { kind };
  const others = nodes
    .filter(({ metadata }) => metadata.name !== machine)
    .flatMap(({ spec: own, status }) => [
      ...(status?.addresses ?? []).flatMap(({ type, address }) => (type === 'InternalIP' ? [address] : [])),
      ...(own?.podCIDR === undefined ? [] : [own.podCIDR]),
    ]);
  // The address that moves among the masters is the others' too; what the machine says to itself is never cut.
  const { virtualAddress } = spec.settings;
  if (virtualAddress !== undefined && virtualAddress !== 'none') others.push(virtualAddress);
  const port = spec.machines.find(({ name }) => name === machine)?.port;
  return { kind, others: [...new Set(others)], sshPorts: port === undefined ? [] : [port] };
}

/** True once all that was there before is there again; gives up when it takes too long. */
async function untilWhole(
  { clock }: Context,
  observation: Observation,
  { onProgress, signal }: ProvisionOptions,
): Promise<boolean> {
  const began = clock.now();
  const report = (state: RunStepState, log?: string): void =>
    onProgress?.({
      step: 'drill-whole',
      state,
      title: { key: 'drill-whole', values: {}, ...wholeTitle },
      elapsedMs: clock.now() - began,
      log,
    });
  report('running');
  let said = '';
  for (;;) {
    await clock.sleep(lookMs);
    const { actual, missing } = observation;
    // A drill that broke nothing has nothing to wait for but what it found.
    if (missing.length === 0 && (actual.brokenAt === undefined || actual.wholeAt !== undefined)) {
      report('done');
      return true;
    }
    const now = missing.join(', ');
    if (now !== said) report('running', now);
    said = now;
    if (clock.now() - began > (signal?.aborted === true ? cancelledWholeWithinMs : wholeWithinMs)) {
      report('failed');
      return false;
    }
  }
}

function textOf(error: unknown): LocalText {
  const { message, local } = toConsoleError(error);
  return local?.message ?? { en: message, 'zh-CN': message };
}

function notWhole(missing: readonly string[]): LocalText {
  const names = missing.slice(0, 5);
  return {
    en: `Not all is as it was before: ${names.join(', ')}. Look at them in Overview.`,
    'zh-CN': `尚未完全恢复原状：${names.join('、')}。请在“概览”中查看。`,
  };
}
