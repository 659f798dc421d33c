// `pilothouse lab up|status|down`: a cluster of bare machines made on this computer.
// Provisioning is loaded when a verb runs, so that the other commands start without it.
import { type Command, InvalidArgumentError } from 'commander';
import type { LabMachineKind, LabStatus } from '../../provisioning/index.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { createProgressPrinter } from '../progress.ts';
import { abortOnSignals } from '../signals.ts';

interface LabFlags {
  readonly name: string;
  readonly json?: boolean;
  readonly masters?: number;
  readonly workers?: number;
  readonly machines?: LabMachineKind;
  readonly bare?: boolean;
  readonly bundle?: string;
  readonly release?: string;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0 || count > 100)
    throw new InvalidArgumentError('a whole number from 0 to 100 is expected.');
  return count;
}

function parseKind(text: string): LabMachineKind {
  if (text !== 'container' && text !== 'vm') throw new InvalidArgumentError('container or vm is expected.');
  return text;
}

function printStatus(status: LabStatus): void {
  printLine(`Lab ${status.name}: ${status.state}`);
  if (status.machines.length > 0) {
    const rows = status.machines.map((machine) => [
      machine.name,
      machine.address,
      machine.role,
      machine.running ? 'running' : 'stopped',
      `ssh -i ${machine.keyPath} ${machine.user}@${machine.address}`,
    ]);
    printLine(formatTable(['MACHINE', 'ADDRESS', 'ROLE', 'STATE', 'LOG IN'], rows));
  }
  if (status.kubeconfigPath !== undefined) printLine(`\nkubeconfig  ${status.kubeconfigPath}`);
  if (status.state === 'absent') return;
  printLine(`console     ${status.consoleCommand}\nremove      ${status.removeCommand}`);
}

function report(status: LabStatus, json: boolean | undefined): void {
  if (json === true) printJson(status);
  else printStatus(status);
}

/** Adds `lab` with its three verbs. */
export function addLabCommand(program: Command): void {
  const lab = program.command('lab').description('make, show or remove a cluster of bare machines on this computer');
  const named = (verb: string, description: string): Command =>
    lab
      .command(verb)
      .description(description)
      .option('--name <name>', 'which lab', 'lab')
      .option('--json', 'print one JSON document on stdout');

  named('up', 'make the machines and provision them over SSH; runs again where it stopped')
    .option('--masters <n>', 'machines that run etcd and the control plane (default 1)', parseCount)
    .option('--workers <n>', 'machines that run pods; 0 puts both roles on the master (default 2)', parseCount)
    .option('--machines <kind>', 'container (system containers) or vm (QEMU)', parseKind)
    .option(
      '--release <codename>',
      "the machines' Debian release (default: this computer's; another one needs --bundle)",
    )
    .option('--bundle <file>', 'take programs and packages from this bundle')
    .option('--bare', 'only boot the machines, provision nothing')
    .action(async (flags: LabFlags) => {
      const { labUp } = await import('../../provisioning/index.ts');
      const progress = createProgressPrinter();
      try {
        const { name, masters, workers, machines, bare, bundle, release } = flags;
        report(
          await labUp({
            name,
            masters,
            workers,
            machines,
            bare,
            bundle,
            release,
            onProgress: progress.onProgress,
            signal: abortOnSignals(),
          }),
          flags.json,
        );
      } finally {
        progress.close();
      }
    });

  named('status', 'show the machines and how to reach them').action(async (flags: LabFlags) => {
    const { labStatus } = await import('../../provisioning/index.ts');
    report(await labStatus({ name: flags.name }), flags.json);
  });

  named('down', 'remove the machines and everything the lab made on this computer').action(async (flags: LabFlags) => {
    const { labDown, labStatus } = await import('../../provisioning/index.ts');
    const progress = createProgressPrinter();
    try {
      await labDown({ name: flags.name, onProgress: progress.onProgress, signal: abortOnSignals() });
    } finally {
      progress.close();
    }
    report(await labStatus({ name: flags.name }), flags.json);
  });
}
