// The Node runtime and the bundled programs in /opt/pilothouse/<version>, and the link `current` to them. A version is
// complete or absent; other versions stay until nothing needs them.
import { type ClusterContext, machineStep } from '../run/step.ts';
import { bundleOf, programsFrom } from '../bundle/bundle-of-run.ts';
import { ensureNode } from '../bundle/node-runtime.ts';
import { packPrograms, type ProgramsArchive } from '../bundle/programs.ts';
import { cacheDir } from '../paths.ts';
import { absentFolders, removeFolders } from './files.ts';
import { createReadStream } from 'node:fs';

const root = '/opt/pilothouse';

interface Found {
  readonly absent: readonly string[];
  readonly current: string;
}

/** The archive for a machine's architecture, made once per run. */
export function archiveFor(
  context: { readonly cluster: Pick<ClusterContext, 'options' | 'signal' | 'once'> },
  arch: string,
): Promise<ProgramsArchive> {
  const { options, signal } = context.cluster;
  return context.cluster.once(`programs ${arch}`, async () => {
    const bundle = await bundleOf(context.cluster);
    if (bundle !== undefined) return programsFrom(bundle, arch);
    const cache = cacheDir(options.cacheDir);
    const nodePath = arch === 'amd64' ? options.nodePath : undefined;
    return packPrograms({
      programsDir: options.programsDir,
      nodePath: nodePath ?? (await ensureNode(arch, cache, signal)),
      cacheDir: cache,
      arch,
      signal,
    });
  });
}

export const programsStep = machineStep<Found>({
  kind: 'programs',
  async check(context) {
    const { version } = await archiveFor(context, context.facts.arch);
    return (
      (await context.transport.exec(`[ "$(readlink ${root}/current)" = ${version} ] && [ -x ${root}/${version}/node ]`))
        .code === 0
    );
  },
  async record(context) {
    const current = await context.transport.run(`readlink ${root}/current || true`);
    return { absent: await absentFolders(context.transport, [root]), current: current.trim() };
  },
  async apply(context) {
    const { version, runtime, programs } = await archiveFor(context, context.facts.arch);
    const unfinished = `${root}/${version}.unfinished`;
    const { transport, signal } = context;
    await transport.run(`set -e; rm -rf ${unfinished}; mkdir -p ${unfinished}; cd ${root}
for v in */; do if [ "$(cat $v/runtime 2>/dev/null)" = ${runtime.id} ]; then ln -f $v/node ${unfinished}/node; break; fi; done`);
    for (const { name, gzipped } of await programs())
      await transport.run(`gzip -dc > ${unfinished}/${name}`, { stdin: gzipped, signal });
    if ((await transport.exec(`[ -e ${unfinished}/node ]`)).code !== 0) {
      const stdin = createReadStream(runtime.path, { highWaterMark: 262_144 });
      const file = `${unfinished}/node.deb`;
      await transport.run(
        `set -e; cat > ${file}; dpkg-deb -x ${file} ${unfinished}; chmod 755 ${unfinished}; rm ${file}`,
        { stdin, signal },
      );
    }
    await transport.run(`set -e; cd ${root}; echo ${runtime.id} > ${unfinished}/runtime; rm -rf ${version}; mv ${unfinished} ${version}
ln -sfn ${version} current.new; mv -T current.new current; current/node --version`);
  },
  async revert(context, found) {
    if (found.absent.includes(root)) return removeFolders(context.transport, [root]);
    if (found.current !== '')
      await context.transport.run(`cd ${root} && ln -sfn ${found.current} current.new && mv -T current.new current`);
  },
});
