// `pilothouse image load`: an image archive onto machines over SSH, for sites without a registry.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { CommandError, printJson, printLine } from '../output.ts';

interface LoadFlags extends ClusterFlags {
  readonly machine?: readonly string[];
}

/** Adds `image` with its one verb. */
export function addImageCommand(program: Command): void {
  const image = program.command('image').description('images on the machines of a cluster');
  withClusterOptions(image.command('load').argument('<archive>', 'what docker save NAME:TAG wrote'))
    .description('put an archive of images onto machines over SSH, without a registry')
    .option('-m, --machine <name...>', 'only these machines (default: all)')
    .action(async (archive: string, flags: LoadFlags) => {
      const path = resolve(archive);
      if (!existsSync(path)) {
        throw new CommandError(`There is no file ${path}.`, 'write it with docker save NAME:TAG -o FILE.', {
          exitCode: 2,
        });
      }
      const spec = await chooseCluster(flags);
      const names = spec.machines.map(({ name }) => name);
      const unknown = (flags.machine ?? []).filter((name) => !names.includes(name));
      if (unknown.length > 0) {
        throw new CommandError(
          `${spec.name} has no machine ${unknown.join(', ')}.`,
          `its machines are ${names.join(', ')}.`,
          { exitCode: 2 },
        );
      }
      const { loadImage } = await import('../../provisioning/index.ts');
      const machines = flags.machine ?? names;
      const images = await withProgress((options) => loadImage(spec, path, { ...options, machines }));
      if (flags.json === true) printJson({ images, machines });
      else printLine(`${images.join(', ')}: on ${machines.join(', ')}.`);
    });
}
