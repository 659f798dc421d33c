// `pilothouse restore`: a whole cluster's state from a backup, and back again.
import type { Command } from 'commander';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { CommandError, printJson, printLine } from '../output.ts';
import { askPassphrase } from '../passphrase.ts';
import { type PlaceFlags, placeOf, withPlaceOptions } from './backup.ts';

interface RestoreFlags extends ClusterFlags, PlaceFlags {
  readonly lost?: string;
  readonly yes?: boolean;
  readonly undo?: boolean;
}

async function restore(name: string | undefined, flags: RestoreFlags): Promise<void> {
  const { restoreCluster, undoRestore } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  if (flags.undo === true) {
    const undone = await withProgress((options) => undoRestore(spec, options));
    if (flags.json === true) printJson(undone);
    else printLine(`The former state runs again on ${undone.masters.join(', ')}.`);
    return;
  }
  if (name === undefined)
    throw new CommandError('Which backup?', 'give its name as `pilothouse backup list` shows it.', { exitCode: 2 });
  if (flags.yes !== true) {
    const remedy =
      'repeat the command with --yes. The present state is set aside; `pilothouse restore --undo` brings it back.';
    throw new CommandError(`This replaces the state of cluster ${spec.name} by that of ${name}.`, remedy, {
      exitCode: 2,
    });
  }
  const place = await placeOf(flags);
  const passphrase = await askPassphrase({ file: flags.passphraseFile });
  const lost = (flags.lost ?? '').split(',').filter(Boolean);
  const result = await withProgress((options) => restoreCluster(spec, { ...options, place, name, passphrase, lost }));
  if (flags.json === true) printJson(result);
  else if (result.ok)
    printLine(
      `${spec.name} runs with ${result.objects.toLocaleString('en')} objects of ${name}; revisions count on from ${result.startRevision}.`,
    );
  if (!result.ok) process.exitCode = 1;
}

/** Adds `restore`. */
export function addRestoreCommand(program: Command): void {
  withPlaceOptions(withClusterOptions(program.command('restore')))
    .description('replace the state of a cluster by that of a backup; works with dead machines')
    .argument('[name]', 'the backup')
    .option('--lost <names>', 'masters that are off for good, separated by commas')
    .option('--yes', 'replace the present state')
    .option('--undo', 'bring back what the last restore or recovery set aside')
    .action(restore);
}
