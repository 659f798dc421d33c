// `pilothouse vm …`: virtual machines on a hypervisor, from a file that describes them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type * as Provisioning from '../../provisioning/index.ts';
import type { MachineSpec, VirtualMachinesSpec } from '../../provisioning/index.ts';
import { withProgress } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { commandError, sentence, tell } from '../text.ts';

interface VmFlags {
  readonly file: string;
  readonly json?: boolean;
  readonly clusterFile?: string;
  readonly timeout: number;
  readonly grace: number;
  readonly all?: boolean;
}

const provisioning = (): Promise<typeof Provisioning> => import('../../provisioning/index.ts');

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw new InvalidArgumentError('a number of seconds is expected.');
  return seconds;
}

async function read({ file }: VmFlags): Promise<VirtualMachinesSpec> {
  const { readMachinesFile, userSshConfig } = await provisioning();
  const path = resolve(file);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw commandError('vm.unreadable', { path }, { exitCode: 2, cause });
  }
  return readMachinesFile(content, { baseDir: dirname(path), sshConfig: userSshConfig() });
}

async function create(names: string[], flags: VmFlags): Promise<void> {
  const { createClusterSpec, createVms, formatClusterFile, rememberMachinesFile } = await provisioning();
  const spec = await read(flags);
  const path = flags.clusterFile === undefined ? undefined : resolve(flags.clusterFile);
  if (path !== undefined && existsSync(path)) throw commandError('vm.exists', { path });
  const machines = await withProgress((options) => createVms(spec, names, { ...options, bootSeconds: flags.timeout }));
  await rememberMachinesFile(spec.cluster, resolve(flags.file));
  if (path !== undefined) {
    const cluster = createClusterSpec({ name: spec.cluster, machines: machines.map(documentOf) });
    writeFileSync(path, formatClusterFile(cluster), { mode: 0o600 });
  }
  if (flags.json === true) return printJson({ machines: machines.map(documentOf), clusterFile: path });
  tell('vm.created', { count: machines.length });
  if (path !== undefined) tell('vm.file', { path });
}

/** A machine in the cluster file's own form, without secrets. */
function documentOf({ credentials, jump, ...machine }: MachineSpec): object {
  const { keyPath, agent } = credentials;
  const hops = jump?.map(({ credentials: own, ...hop }) => ({ ...hop, keyPath: own?.keyPath, agent: own?.agent }));
  return { ...machine, keyPath, agent, jump: hops };
}

async function list(flags: VmFlags): Promise<void> {
  const { listVms } = await provisioning();
  const spec = await read(flags);
  const found = await withProgress((options) => listVms(spec, options));
  if (flags.json === true) return printJson({ machines: found });
  if (found.length === 0) return tell('vm.none');
  const rows = spec.machines.map(({ name }) => {
    const machine = found.find((each) => each.name === name);
    return [name, sentence(`vm.state.${machine?.state ?? 'absent'}`), machine?.snapshots.join(' ') ?? ''];
  });
  printLine(formatTable([sentence('table.machine'), sentence('table.state'), sentence('table.snapshots')], rows));
}

/** Adds `vm` with its verbs. */
export function addVmCommand(program: Command): void {
  const vm = program.command('vm').description('make, keep and remove virtual machines on a hypervisor (libvirt)');
  const verb = (name: string, description: string): Command =>
    vm
      .command(name)
      .description(description)
      .requiredOption('-f, --file <file>', 'the file of virtual machines: hypervisor, image, login, machines')
      .option('--json', 'print one JSON document on stdout');
  const done = (flags: VmFlags, names: readonly string[], key: Parameters<typeof tell>[0], label = ''): void => {
    if (flags.json === true) printJson({ machines: names });
    else tell(key, { names: names.join(', '), label });
  };
  const all = (spec: VirtualMachinesSpec, names: string[]): string[] =>
    names.length > 0 ? names : spec.machines.map(({ name }) => name);

  verb('create', 'make the machines that are not there, and wait until they have set themselves up')
    .argument('[names...]', 'only these machines')
    .option('--cluster-file <file>', 'write a cluster file for them, for `pilothouse provision`')
    .option('--timeout <seconds>', 'how long a machine may take to set itself up', parseSeconds, 600)
    .action(create);
  verb('list', 'which of the machines are there, and what they can go back to').action(list);
  verb('start', 'start machines')
    .argument('[names...]')
    .action(async (names: string[], flags: VmFlags) => {
      const { startVms } = await provisioning();
      const spec = await read(flags);
      await withProgress((options) => startVms(spec, names, options));
      done(flags, all(spec, names), 'vm.started');
    });
  verb('stop', 'shut machines down; those that do not listen lose power')
    .argument('[names...]')
    .option('--grace <seconds>', 'how long they may take; 0 cuts the power at once', parseSeconds, 120)
    .action(async (names: string[], flags: VmFlags) => {
      const { stopVms } = await provisioning();
      const spec = await read(flags);
      await withProgress((options) => stopVms(spec, names, { ...options, graceSeconds: flags.grace }));
      done(flags, all(spec, names), 'vm.stopped');
    });
  verb('remove', 'take machines and their disks away')
    .argument('[names...]')
    .option('--all', 'all machines of the file')
    .action(async (names: string[], flags: VmFlags) => {
      const { removeVms } = await provisioning();
      if (names.length === 0 && flags.all !== true) throw commandError('vm.sure');
      const spec = await read(flags);
      await withProgress((options) => removeVms(spec, names, options));
      done(flags, all(spec, names), 'vm.removed');
    });
  const snapshots = (
    name: string,
    description: string,
    key: Parameters<typeof tell>[0],
    work: (of: typeof Provisioning) => typeof Provisioning.snapshotVms,
  ): void => {
    verb(name, description)
      .argument('<label>', 'the name of the snapshot')
      .argument('[names...]', 'only these machines')
      .action(async (label: string, names: string[], flags: VmFlags) => {
        const run = work(await provisioning());
        const spec = await read(flags);
        await withProgress((options) => run(spec, names, label, options));
        done(flags, all(spec, names), key, label);
      });
  };
  snapshots('snapshot', 'keep the disks as they are now; the machines go on', 'vm.snapshotted', (of) => of.snapshotVms);
  snapshots('drop-snapshot', 'forget a snapshot, keep what is', 'vm.dropped', (of) => of.dropVmSnapshots);
  snapshots('revert', 'bring machines back to a snapshot and start them', 'vm.reverted', (of) => of.revertVms);
}
