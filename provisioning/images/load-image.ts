// Brings a docker-archive file onto machines over SSH, without any registry.
import { createReadStream } from 'node:fs';
import pLimit from 'p-limit';
import { systemClock } from '../../machinery/clock.ts';
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { text } from '../messages/text.ts';
import { connectSsh } from '../transport/ssh.ts';
import { sshOptions } from '../transport/with-machine.ts';
import { archiveReferences } from './archive.ts';

/** Loads `archive` into Docker on all machines of `spec` (or those named); resolves with the images' references. */
export async function loadImage(
  spec: ClusterSpec,
  archive: string,
  options: RunOptions & { readonly machines?: readonly string[] } = {},
): Promise<readonly string[]> {
  const references = await archiveReferences(archive);
  if (references.length === 0)
    throw new Error(`${archive} is no docker-archive with named images (docker save NAME:TAG)`);
  const ssh = await sshOptions(spec.name, options);
  const limit = pLimit(spec.settings.parallelism);
  const machines = spec.machines.filter((machine) => options.machines?.includes(machine.name) ?? true);
  await Promise.all(
    machines.map((machine) =>
      limit(async () => {
        const began = systemClock.now();
        const emit = (state: 'running' | 'done' | 'failed', log?: string): void =>
          options.onProgress?.({
            step: `images@${machine.name}`,
            machine: machine.name,
            state,
            title: text('step.images'),
            elapsedMs: systemClock.now() - began,
            log,
          });
        emit('running');
        const transport = await connectSsh(machine, ssh);
        try {
          await transport.run('docker load -q', {
            stdin: createReadStream(archive),
            signal: options.signal,
            onOutput: (log) => emit('running', log),
          });
          emit('done');
        } catch (error) {
          emit('failed');
          throw error;
        } finally {
          transport.close();
        }
      }),
    ),
  );
  return references;
}
