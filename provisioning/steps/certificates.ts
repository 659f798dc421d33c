// Certificates in /etc/pilothouse: the agent's on every machine, the control plane's and etcd's on masters. The files are
// right when they equal what the console holds, which renews them when due.
import { agentFiles, masterFiles } from '../pki/cluster-pki.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import {
  absentFolders,
  filesMatch,
  findFiles,
  type FoundFile,
  type OwnedFile,
  removeFolders,
  restoreFiles,
  writeFiles,
} from './files.ts';

export const etcFolder = '/etc/pilothouse';

interface Found {
  readonly absent: readonly string[];
  readonly files: readonly FoundFile[];
}

async function wantedFiles({ spec, machine, cluster }: MachineContext): Promise<OwnedFile[]> {
  const { pkiDir } = cluster.paths;
  const files: OwnedFile[] = [];
  const add = (path: string, content: string): void => {
    const isSecret = path.endsWith('.key') || path.endsWith('.kubeconfig');
    files.push({ path: `${etcFolder}/${path}`, content, mode: isSecret ? 0o600 : 0o644 });
  };
  for (const [path, content] of await agentFiles(spec, machine, pkiDir)) add(path, content);
  if (machine.role !== 'node') {
    for (const [path, content] of await masterFiles(spec, machine, pkiDir)) {
      if (path !== 'ca.crt') add(`pki/${path}`, content);
    }
  }
  return files;
}

export const certificatesStep = machineStep<Found>({
  kind: 'certificates',
  async check(context) {
    return filesMatch(context.transport, await wantedFiles(context));
  },
  async record(context) {
    const absent = await absentFolders(context.transport, [etcFolder]);
    const paths = absent.length > 0 ? [] : (await wantedFiles(context)).map((file) => file.path);
    return { absent, files: await findFiles(context.transport, paths) };
  },
  async apply(context) {
    await writeFiles(context.transport, await wantedFiles(context));
    // etcd reads its keys as its own user; the package that makes the user may not be there yet.
    await context.transport.run(
      `if getent passwd etcd >/dev/null && [ -d ${etcFolder}/pki/etcd ]; then chown -R etcd: ${etcFolder}/pki/etcd; fi`,
    );
  },
  async revert(context, found) {
    await restoreFiles(context.transport, found.files);
    await removeFolders(context.transport, found.absent);
  },
});
