// Loads docker-archive files that the run was given (a lab's sample application, an air-gapped site's images).
import { createReadStream } from 'node:fs';
import { bundleOf } from '../bundle/bundle-of-run.ts';
import { archiveReferences } from '../images/archive.ts';
import { type ClusterContext, type MachineContext, machineStep } from '../run/step.ts';
import { quote } from '../transport/shell.ts';

interface Found {
  /** References that were not there before. */
  readonly added: readonly string[];
}

/** The archives given by hand and those of the bundle. */
async function imageArchives(cluster: ClusterContext): Promise<string[]> {
  const bundle = await bundleOf(cluster);
  const bundled = bundle?.manifest.images.map((image) => bundle.locate(image.path)) ?? [];
  return [...(cluster.options.images ?? []), ...bundled];
}

async function absentReferences({ cluster, transport }: MachineContext): Promise<string[]> {
  const lists = await Promise.all((await imageArchives(cluster)).map(archiveReferences));
  const references = lists.flat();
  if (references.length === 0) return [];
  const test = references.map(
    (reference) => `docker image inspect ${quote(reference)} >/dev/null 2>&1 || echo ${quote(reference)}`,
  );
  return (await transport.run(`${test.join('\n')}\ntrue`)).split('\n').filter(Boolean);
}

export const imagesStep = machineStep<Found>({
  kind: 'images',
  check: async (context) => (await absentReferences(context)).length === 0,
  record: async (context) => ({ added: await absentReferences(context) }),
  async apply(context) {
    for (const path of await imageArchives(context.cluster)) {
      await context.transport.run('docker load -q', {
        stdin: createReadStream(path),
        signal: context.signal,
        onOutput: context.log,
      });
    }
  },
  async revert(context, { added }) {
    if (added.length > 0)
      await context.transport.exec(`docker image rm -f ${added.map(quote).join(' ')} >/dev/null 2>&1`);
  },
});
