// `pilothouse recover`: says what is left of a quorum, and recovers it from a master that survived.
import type { Command } from 'commander';
import type { QuorumAssessment } from '../../provisioning/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { commandError, sentence, tell } from '../text.ts';
import { ago } from './backup.ts';

interface RecoverFlags extends ClusterFlags {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

function printAssessment({ state, masters, survivors }: QuorumAssessment): void {
  const rows = masters.map((master) => [
    master.name,
    master.address,
    sentence(master.isReachable ? 'recover.reachable' : 'recover.lost'),
    sentence(
      master.hasLeader === true ? 'recover.led' : master.runs === true ? 'recover.leaderless' : 'recover.stopped',
    ),
    master.hasData === true
      ? sentence('recover.revision', { revision: master.revision ?? '?' })
      : sentence('recover.noData'),
    master.lastWriteMs === undefined ? '' : sentence('recover.written', { ago: ago(master.lastWriteMs) }),
  ]);
  printLine(
    formatTable(
      [
        sentence('table.master'),
        sentence('table.address'),
        sentence('table.machine'),
        'ETCD',
        sentence('table.holds'),
        '',
      ],
      rows,
    ),
  );
  if (state === 'lost') tell('recover.survivors', { names: survivors.join(', ') });
  tell(`recover.advice.${state}`);
}

async function recover(flags: RecoverFlags): Promise<void> {
  const { assessQuorum, recoverQuorum } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  if (flags.dryRun === true || flags.yes !== true) {
    const assessment = await withProgress((options) => assessQuorum(spec, options));
    if (flags.json === true) printJson(assessment);
    else printAssessment(assessment);
    if (flags.dryRun !== true && assessment.state === 'lost') throw commandError('recover.sure');
    return;
  }
  const result = await withProgress((options) => recoverQuorum(spec, { ...options, from: flags.from }));
  if (flags.json === true) printJson(result);
  else {
    tell('recover.done', { name: result.from });
    if (result.rejoined.length > 0) tell('recover.rejoined', { names: result.rejoined.join(', ') });
    if (result.forgotten.length > 0) tell('recover.forgotten', { names: result.forgotten.join(', ') });
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
