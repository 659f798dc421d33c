// `pilothouse drill`: breaks one thing of a cluster on purpose, after saying what would come of it, and compares.
// It is the console's own drill without a window: refused, put back and recorded by the same services.
import { type Command, InvalidArgumentError } from 'commander';
import type { ConsoleError, DrillPlan, DrillTarget, DrillView, LocalText, Result } from '../../api/console/index.ts';
import type { Services } from '../../electron/services/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions } from '../cluster-choice.ts';
import { say } from '../language.ts';
import { CommandError, formatTable, printJson, printLine } from '../output.ts';
import { abortOnSignals } from '../signals.ts';
import { sentence, tell } from '../text.ts';

interface DrillFlags extends ClusterFlags {
  readonly hold: number;
  readonly dryRun?: boolean;
}

const kinds = ['pod', 'agent', 'master', 'link'] as const;
type Kind = (typeof kinds)[number];

function parseKind(text: string): Kind {
  const kind = kinds.find((one) => one === text);
  if (kind === undefined) throw new InvalidArgumentError(`one of ${kinds.join(', ')} is expected.`);
  return kind;
}

function parseHold(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 5 || seconds > 1800)
    throw new InvalidArgumentError('seconds from 5 to 1800 are expected.');
  return seconds;
}

function targetOf(kind: Kind, name: string): DrillTarget {
  if (kind !== 'pod') return { kind, machine: name };
  const [namespace, pod] = name.split('/');
  if (!namespace || !pod)
    throw new CommandError(sentence('drill.pod', { name }), sentence('drill.pod.remedy'), { exitCode: 2 });
  return { kind, namespace, name: pod };
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { local, message, remedy }: ConsoleError = result.error;
  throw new CommandError(local ? say(local.message) : message, local?.remedy ? say(local.remedy) : remedy);
}

function printPlan({ prediction, warnings }: DrillPlan): void {
  for (const warning of warnings) printLine(say(warning));
  const { moved, pending, gone, services, quorum } = prediction;
  const rows = [
    ...moved.map(({ pod, to }) => [pod, `→ ${to}`]),
    ...pending.map(({ pod, reason }) => [pod, reason]),
    ...gone.map((pod) => [pod, sentence('drain.orphan')]),
    ...services.map((service) => [service, sentence('drill.noEndpoint')]),
  ];
  if (rows.length === 0) tell('drill.nothing');
  else printLine(formatTable([sentence('table.object'), sentence('table.note')], rows));
  if (quorum !== undefined) tell('drill.quorum', { ...quorum });
}

function printVerdicts({ verdicts }: DrillView): void {
  const rows = verdicts.map(({ measure, predicted, actual, agrees, missed, surprises }) => [
    sentence(`drill.measure.${measure}`),
    String(predicted),
    String(actual),
    agrees
      ? sentence('drill.agrees')
      : [...missed.map((one) => `- ${one}`), ...surprises.map((one) => `+ ${one}`)].join(' '),
  ]);
  const heads = ['table.measure', 'table.predicted', 'table.came', 'table.note'] as const;
  printLine(
    formatTable(
      heads.map((head) => sentence(head)),
      rows,
    ),
  );
}

async function run(kind: Kind, name: string, flags: DrillFlags): Promise<void> {
  const clusterId = (await chooseCluster(flags)).name;
  const wish = { clusterId, target: targetOf(kind, name), holdSeconds: flags.hold };
  const { createServices } = await import('../../electron/services/index.ts');
  const services = createServices({});
  const signal = abortOnSignals();
  try {
    const plan = valueOf(await services.invoke('drills.plan', wish));
    if (flags.dryRun === true && flags.json === true) return printJson(plan);
    if (flags.json !== true) printPlan(plan);
    if (flags.dryRun === true) {
      for (const refusal of plan.refusals) printLine(say(refusal));
      return;
    }
    const { id: runId } = valueOf(await services.invoke('drills.start', wish));
    signal.addEventListener('abort', () => void services.invoke('provisioning.cancel', { runId }), { once: true });
    const drill = await ended(services, clusterId, runId);
    if (flags.json === true) printJson(drill.view ?? drill);
    else if (drill.view !== undefined) printVerdicts(drill.view);
    if (drill.state === 'done') return;
    process.exitCode = 1;
    const { message } = drill;
    if (flags.json !== true && message !== undefined)
      throw new CommandError(say(message), sentence('drill.failed.remedy'));
  } finally {
    await services.close();
  }
}

interface Ended {
  readonly state: string;
  readonly message?: LocalText;
  /** Absent when it ended before anything was broken. */
  readonly view?: DrillView;
}

/** How the run ended, and the drill it was. */
async function ended(services: Services, clusterId: string, runId: string): Promise<Ended> {
  const drills: { now: readonly DrillView[] } = { now: [] };
  const stopDrills = services.subscribe('drills', { clusterId }, (event) => {
    if (event.type === 'data') drills.now = event.data;
  });
  try {
    return await new Promise<Ended>((resolve) => {
      services.subscribe('provisioning.runs', {}, (event) => {
        const mine = event.type === 'data' ? event.data.find(({ id }) => id === runId) : undefined;
        if (mine === undefined || mine.state === 'running') return;
        resolve({
          state: mine.state,
          message: mine.message,
          view: drills.now.find((drill) => drill.runId === runId),
        });
      });
    });
  } finally {
    stopDrills();
  }
}

/** Adds `drill`. */
export function addDrillCommand(program: Command): void {
  withClusterOptions(
    program
      .command('drill')
      .argument('<what>', kinds.join(', '), parseKind)
      .argument('<name>', 'the machine, or the pod as namespace/name'),
  )
    .description('break one thing on purpose, have it put back, and compare with what was predicted')
    .option('--hold <seconds>', 'how long a machine stays broken', parseHold, 20)
    .option('--dry-run', 'say what would come of it and whether it may be done; break nothing')
    .action(run);
}
