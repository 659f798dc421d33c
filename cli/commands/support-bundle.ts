// `pilothouse support-bundle`: one file with what is needed to understand a cluster in trouble, without secrets.
import type { Command } from 'commander';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { printJson } from '../output.ts';
import { tell } from '../text.ts';

interface BundleFlags extends ClusterFlags {
  readonly output: string;
}

/** Adds `support-bundle`. */
export function addSupportBundleCommand(program: Command): void {
  withClusterOptions(program.command('support-bundle'))
    .description('collect logs, figures and objects of a cluster into one file, without secrets')
    .option('-o, --output <path>', 'a folder, or a name that ends in .tar.gz', '.')
    .action(async (flags: BundleFlags) => {
      const { createSupportBundle } = await import('../../provisioning/index.ts');
      const spec = await chooseCluster(flags);
      const bundle = await withProgress((options) => createSupportBundle(spec, { ...options, output: flags.output }));
      if (flags.json === true) return printJson(bundle);
      tell('support.made', {
        path: bundle.path,
        megabytes: (bundle.bytes / 1e6).toFixed(1),
        count: bundle.files.length,
      });
      if (bundle.unreachable.length > 0) tell('support.unreachable', { names: bundle.unreachable.join(', ') });
    });
}
