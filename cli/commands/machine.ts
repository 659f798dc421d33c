// `pilothouse machine …`: day two of a cluster's machines.
import { dirname, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import type * as Provisioning from '../../provisioning/index.ts';
import type { MachineSpec, NodeOptions, RunOptions } from '../../provisioning/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { commandError, sentence, tell, type TellArguments } from '../text.ts';

interface AddFlags extends ClusterFlags {
  readonly address?: string;
  readonly port?: string;
  readonly user?: string;
  readonly role?: string;
  readonly key?: string;
  readonly machines?: string;
  readonly bundle?: string;
}

interface DrainFlags extends ClusterFlags {
  readonly timeout: number;
  readonly force?: boolean;
  readonly preview?: boolean;
  readonly keepPods?: boolean;
  readonly dead?: boolean;
}

const provisioning = (): Promise<typeof Provisioning> => import('../../provisioning/index.ts');

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw new InvalidArgumentError('a number of seconds is expected.');
  return seconds;
}

function report<T extends { readonly ok: boolean }>(flags: ClusterFlags, value: T, ...words: TellArguments): void {
  if (flags.json === true) printJson(value);
  else if (value.ok) tell(...words);
  if (!value.ok) process.exitCode = 1;
}

/** The machines that the flags describe: one by flags, or several by a file. */
async function describedMachines(name: string | undefined, flags: AddFlags): Promise<MachineSpec[]> {
  const { createMachineSpec, userSshConfig } = await provisioning();
  const sshConfig = userSshConfig();
  if (flags.machines !== undefined) {
    const path = resolve(flags.machines);
    const documents = parse(readFileSync(path, 'utf8')) as unknown;
    const list = Array.isArray(documents) ? documents : (documents as { machines?: unknown[] }).machines;
    return (list ?? []).map((document) => createMachineSpec(document, { baseDir: dirname(path), sshConfig }));
  }
  if (name === undefined || flags.address === undefined) {
    throw commandError('machine.undescribed');
  }
  const { address, port, user, role, key } = flags;
  const document = { name, address, port: port === undefined ? undefined : Number(port), user, role: role ?? 'node' };
  const known = sshConfig.lookUp(address).identityFile !== undefined;
  const login = key !== undefined ? { keyPath: resolve(key) } : known ? {} : { agent: true };
  return [createMachineSpec({ ...document, ...login }, { sshConfig })];
}

function describing(command: Command): Command {
  return withClusterOptions(command)
    .option('--address <address>', 'its address')
    .option('--port <port>', 'its SSH port (default 22)')
    .option('--user <user>', 'the user to log in as (default root)')
    .option('--key <path>', 'the private key to log in with (default: the SSH agent)')
    .option('--bundle <file>', 'take programs and packages from this bundle');
}

function addChanges(machine: Command): void {
  describing(machine.command('add').argument('[name]', "the new machine's name"))
    .description('bring machines into the cluster; workers touch no other machine')
    .option('--role <role>', 'node, both or master (default node)')
    .option('--machines <file>', 'several machines, in the form of the cluster file')
    .action(async (name: string | undefined, flags: AddFlags) => {
      const { addMachines } = await provisioning();
      const [spec, machines] = [await chooseCluster(flags), await describedMachines(name, flags)];
      const result = await withProgress((options) => addMachines(spec, machines, { ...options, bundle: flags.bundle }));
      const names = machines.map((each) => each.name).join(', ');
      report(flags, { ok: result.ok, run: result.run, followed: result.followed }, 'machine.added', {
        names,
        cluster: spec.name,
      });
    });
  withClusterOptions(machine.command('remove').argument('<name>', 'the machine'))
    .description('take a machine out of the cluster and leave it as it was found; any but the last master')
    .option('--dead', 'it does not answer and will not come back: nothing is undone on it')
    .option('--timeout <seconds>', 'how long its pods get to move', parseSeconds, 60)
    .action(async (name: string, flags: DrainFlags) => {
      const { removeMachine } = await provisioning();
      const spec = await chooseCluster(flags);
      const { ok, undone, followed } = await withProgress((options) =>
        removeMachine(spec, name, { ...options, isDead: flags.dead, drainSeconds: flags.timeout }),
      );
      report(flags, { ok, undone, followed }, 'machine.removed', { name, cluster: spec.name });
    });
  describing(
    machine.command('replace').argument('<old>', 'the machine to replace').argument('<new>', "the new machine's name"),
  )
    .description('put another machine in the place of one, dead or alive, in the same role')
    .option('--dead', 'the old one does not answer and will not come back')
    .action(async (old: string, name: string, flags: AddFlags & DrainFlags) => {
      const { replaceMachine } = await provisioning();
      const spec = await chooseCluster(flags);
      const [heir] = await describedMachines(name, flags);
      if (heir === undefined) return;
      const { ok, runs } = await withProgress((options) =>
        replaceMachine(spec, old, heir, { ...options, isDead: flags.dead, bundle: flags.bundle }),
      );
      report(flags, { ok, runs }, 'machine.replaced', { name: old, heir: name });
    });
}

async function showPreview(name: string, flags: DrainFlags): Promise<void> {
  const { previewMachineDrain } = await provisioning();
  const preview = await previewMachineDrain(await chooseCluster(flags), name);
  if (flags.json === true) return printJson(preview);
  const rows = [
    ...preview.moved.map(({ pod, to }) => [pod, to, '']),
    ...preview.pending.map(({ pod, reason }) => [pod, '–', reason]),
    ...preview.removed.map((pod) => [pod, '–', sentence('drain.orphan')]),
  ];
  if (rows.length === 0) tell('drain.none', { name });
  else printLine(formatTable([sentence('table.pod'), sentence('table.target'), sentence('table.note')], rows));
  for (const { budget, pods } of preview.budgetsBroken) {
    tell('drain.budget', { budget, pods: pods.join(', ') });
  }
}

function addScheduling(machine: Command): void {
  for (const [verb, cordon, description] of [
    ['cordon', true, 'keep new pods off a machine'],
    ['uncordon', false, 'let new pods onto a machine again'],
  ] as const) {
    withClusterOptions(machine.command(verb).argument('<name>', 'the machine'))
      .description(description)
      .action(async (name: string, flags: ClusterFlags) => {
        const { cordonMachine } = await provisioning();
        const spec = await chooseCluster(flags);
        await withProgress((options) => cordonMachine(spec, name, cordon, options));
        report(flags, { ok: true }, cordon ? 'machine.cordoned' : 'machine.uncordoned', { name });
      });
  }
  const nodeOptions = (flags: DrainFlags, options: RunOptions): NodeOptions => ({
    ...options,
    drainSeconds: flags.timeout,
    force: flags.force,
    keepPods: flags.keepPods,
  });
  withClusterOptions(machine.command('drain').argument('<name>', 'the machine'))
    .description('move all pods elsewhere, as fast as their disruption budgets let them')
    .option('--preview', 'say which pods would run where; change nothing')
    .option('--force', 'delete what has not moved in time')
    .option('--timeout <seconds>', 'how long pods get to move', parseSeconds, 300)
    .action(async (name: string, flags: DrainFlags) => {
      if (flags.preview === true) return showPreview(name, flags);
      const { drainMachine } = await provisioning();
      const spec = await chooseCluster(flags);
      const result = await withProgress((options) => drainMachine(spec, name, nodeOptions(flags, options)));
      report(flags, { ok: true, ...result }, 'machine.drained', { name, count: result.evicted.length });
    });
  withClusterOptions(machine.command('reboot').argument('<name>', 'the machine'))
    .description('move the pods away, reboot, wait until the node is Ready, let pods on again')
    .option('--keep-pods', 'reboot without moving pods')
    .option('--force', 'delete what has not moved in time')
    .option('--timeout <seconds>', 'how long pods get to move', parseSeconds, 300)
    .action(async (name: string, flags: DrainFlags) => {
      const { rebootMachine } = await provisioning();
      const spec = await chooseCluster(flags);
      await withProgress((options) => rebootMachine(spec, name, nodeOptions(flags, options)));
      report(flags, { ok: true }, 'machine.rebooted', { name });
    });
}

function addMarks(machine: Command): void {
  withClusterOptions(
    machine
      .command('label')
      .alias('relabel')
      .argument('<name>', 'the machine')
      .argument('<labels...>', 'KEY=VALUE sets, KEY- takes away'),
  )
    .description("change a node's labels, for good")
    .action(async (name: string, words: string[], flags: ClusterFlags) => {
      const { labelMachine, parseLabels } = await provisioning();
      const labels = parseLabels(words);
      const spec = await chooseCluster(flags);
      await withProgress((options) => labelMachine(spec, name, labels, options));
      report(flags, { ok: true }, 'machine.labelled', { name });
    });
  withClusterOptions(
    machine
      .command('taint')
      .argument('<name>', 'the machine')
      .argument('<taints...>', 'KEY[=VALUE]:EFFECT sets, KEY[:EFFECT]- takes away'),
  )
    .description("change a node's taints")
    .action(async (name: string, words: string[], flags: ClusterFlags) => {
      const { parseTaint, taintMachine } = await provisioning();
      const changes = words.map(parseTaint);
      const spec = await chooseCluster(flags);
      const taints = await withProgress((options) => taintMachine(spec, name, changes, options));
      report(flags, { ok: true, taints }, 'machine.tainted', { name, count: taints.length });
    });
}

/** Adds `machine` with its verbs. */
export function addMachineCommand(program: Command): void {
  const machine = program
    .command('machine')
    .description('add, remove, replace, drain, reboot, label and taint machines');
  addChanges(machine);
  addScheduling(machine);
  addMarks(machine);
}
