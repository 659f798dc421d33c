// `pilothouse upgrade`: another version of the programs, up or down, one machine at a time and only while all is well.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { SnapshotChoice, UpgradeResult } from '../../provisioning/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { sentence, tell } from '../text.ts';
import { createProgressPrinter } from '../progress.ts';
import { abortOnSignals } from '../signals.ts';

interface UpgradeFlags extends ClusterFlags {
  readonly bundle?: string;
  readonly key?: string;
  readonly drain: boolean;
  readonly backup: boolean;
  readonly snapshots: boolean;
  readonly vms?: string;
  readonly pauseAfter?: number;
  readonly drainTimeout: number;
  readonly healthTimeout: number;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw new InvalidArgumentError('a whole number is expected.');
  return count;
}

function print(result: UpgradeResult): void {
  tell(`upgrade.${result.state}`, { version: result.version, reason: result.reason ?? '' });
  printLine(
    formatTable(
      [sentence('table.machine'), sentence('table.ran'), sentence('table.runs')],
      result.machines.map(({ name, from, to }) => [name, from, to]),
    ),
  );
  if (result.backup !== undefined) tell('backup', { path: result.backup });
  const { snapshots } = result;
  if (snapshots?.kept === true) {
    const { label, file } = snapshots;
    tell('upgrade.snapshots', { label, file, machines: snapshots.machines.join(' ') });
  }
}

function snapshotChoice({ snapshots, vms }: UpgradeFlags): SnapshotChoice | undefined {
  if (!snapshots) return 'none';
  return vms === undefined ? undefined : { file: resolve(vms) };
}

/** Adds `upgrade`. */
export function addUpgradeCommand(program: Command): void {
  withClusterOptions(program.command('upgrade'))
    .description(
      'bring the cluster to another version, up or down, one machine at a time; goes back by itself on failure',
    )
    .option('--bundle <file>', 'the bundle that holds the version (default: the programs built in this checkout)')
    .option('--key <fingerprint>', "the bundle maker's fingerprint, when this computer does not know it yet")
    .option('--no-drain', 'leave pods where they are: they go on while their agent restarts')
    .option('--no-backup', 'make no backup first')
    .option(
      '--vms <file>',
      'keep the disks of the virtual machines of this file until all is well (default: those made here)',
    )
    .option('--no-snapshots', 'keep no disks of virtual machines')
    .option('--pause-after <n>', 'stop, with a working cluster, after so many machines', parseCount)
    .option('--health-timeout <seconds>', 'how long all may take to be well after each machine', parseCount, 180)
    .option('--drain-timeout <seconds>', 'how long pods get to move from one machine', parseCount, 300)
    .action(async (flags: UpgradeFlags) => {
      const { upgradeCluster } = await import('../../provisioning/index.ts');
      const spec = await chooseCluster(flags);
      const progress = createProgressPrinter();
      try {
        const result = await upgradeCluster(spec, {
          bundle: flags.bundle === undefined ? undefined : resolve(flags.bundle),
          bundleKey: flags.key,
          drain: flags.drain,
          drainSeconds: flags.drainTimeout,
          pauseAfter: flags.pauseAfter,
          healthSeconds: flags.healthTimeout,
          backup: flags.backup ? 'snapshot' : 'none',
          snapshots: snapshotChoice(flags),
          onProgress: progress.onProgress,
          signal: abortOnSignals(),
        });
        progress.close();
        if (flags.json === true) printJson(result);
        else print(result);
        if (result.state === 'returned') process.exitCode = 1;
      } finally {
        progress.close();
      }
    });
}
