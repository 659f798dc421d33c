// `pilothouse recover`: says what is left of a quorum, and recovers it from a master that survived.
import type { Command } from 'commander';
import type { QuorumAssessment } from '../../provisioning/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { CommandError, formatTable, printJson, printLine } from '../output.ts';
import { ago } from './backup.ts';

interface RecoverFlags extends ClusterFlags {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const advice: Readonly<Record<QuorumAssessment['state'], string>> = {
  healthy: 'etcd has its quorum; nothing needs to be done.',
  'at-risk': 'etcd has its quorum, but not every master works: repair or replace those that do not.',
  lost: 'etcd has no quorum. `pilothouse recover --yes` goes on from the first survivor; what the others alone knew is lost.',
  gone: 'No reachable master holds data: restore from a backup with `pilothouse restore`.',
};

function printAssessment({ state, masters, survivors }: QuorumAssessment): void {
  const rows = masters.map((master) => [
    master.name,
    master.address,
    master.isReachable ? 'reachable' : 'lost',
    master.hasLeader === true ? 'in a quorum' : master.runs === true ? 'without leader' : 'stopped',
    master.hasData === true ? `revision ${master.revision ?? '?'}` : 'no data',
    master.lastWriteMs === undefined ? '' : `written ${ago(master.lastWriteMs)}`,
  ]);
  printLine(formatTable(['MASTER', 'ADDRESS', 'MACHINE', 'ETCD', 'HOLDS', ''], rows));
  if (state === 'lost') printLine(`\nsurvivors, best first: ${survivors.join(', ')}`);
  printLine(`\n${advice[state]}`);
}

async function recover(flags: RecoverFlags): Promise<void> {
  const { assessQuorum, recoverQuorum } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  if (flags.dryRun === true || flags.yes !== true) {
    const assessment = await withProgress((options) => assessQuorum(spec, options));
    if (flags.json === true) printJson(assessment);
    else printAssessment(assessment);
    if (flags.dryRun !== true && assessment.state === 'lost')
      throw new CommandError('The quorum is lost.', 'repeat the command with --yes to recover it.', { exitCode: 2 });
    return;
  }
  const result = await withProgress((options) => recoverQuorum(spec, { ...options, from: flags.from }));
  if (flags.json === true) printJson(result);
  else {
    printLine(`The quorum is recovered from ${result.from}.`);
    if (result.rejoined.length > 0) printLine(`joined again: ${result.rejoined.join(', ')}`);
    if (result.forgotten.length > 0)
      printLine(
        `lost and taken out of the cluster: ${result.forgotten.join(', ')}; add new masters to have three again.`,
      );
  }
  if (!result.ok) process.exitCode = 1;
}

/** Adds `recover`. */
export function addRecoverCommand(program: Command): void {
  withClusterOptions(program.command('recover'))
    .description('say what is left of a quorum, and recover it from a master that survived')
    .option('--from <master>', 'the master to recover from (default: the one that knows most)')
    .option('--dry-run', 'only say what is left')
    .option('--yes', 'recover')
    .action(recover);
}
