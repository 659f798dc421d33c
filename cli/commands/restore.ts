// `pilothouse restore`: a whole cluster's state from a backup, and back again.
import type { Command } from 'commander';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { printJson } from '../output.ts';
import { commandError, tell } from '../text.ts';
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
    else tell('restore.undone', { names: undone.masters.join(', ') });
    return;
  }
  if (name === undefined) throw commandError('restore.which');
  if (flags.yes !== true) throw commandError('restore.sure', { cluster: spec.name, name });
  const place = await placeOf(flags);
  const passphrase = await askPassphrase({ file: flags.passphraseFile });
  const lost = (flags.lost ?? '').split(',').filter(Boolean);
  const result = await withProgress((options) => restoreCluster(spec, { ...options, place, name, passphrase, lost }));
  if (flags.json === true) printJson(result);
  else if (result.ok)
    tell('restore.done', {
      cluster: spec.name,
      objects: result.objects.toLocaleString('en'),
      name,
      revision: result.startRevision,
    });
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
