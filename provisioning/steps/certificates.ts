// Certificates in /etc/pilothouse: the agent's on every machine, the control plane's and etcd's on masters. The files are
// right when they equal what the console holds, or are as good: machines renew their certificates by themselves.
import { unacceptable } from '../certificates/accept.ts';
import type { ClusterSpec, MachineSpec } from '../contract.ts';
import { readEtcdCredentials } from '../external-etcd/credentials.ts';
import { externalEtcdOf } from '../external-etcd/settings.ts';
import { agentFiles, masterFiles } from '../pki/cluster-pki.ts';
import { type MachineContext, machineStep } from '../run/step.ts';
import type { Transport } from '../transport/contract.ts';
import {
  absentFolders,
  findFiles,
  type FoundFile,
  type OwnedFile,
  removeFolders,
  restoreFiles,
  writeFiles,
} from './files.ts';

export const etcFolder = '/etc/pilothouse';

/** How a master shows itself to an etcd that is not its own. */
export const externalEtcdFiles = {
  ca: `${etcFolder}/pki/etcd-external/ca.crt`,
  cert: `${etcFolder}/pki/etcd-external/client.crt`,
  key: `${etcFolder}/pki/etcd-external/client.key`,
} as const;

interface Found {
  readonly absent: readonly string[];
  readonly files: readonly FoundFile[];
}

function wantedFiles({ spec, machine, cluster }: MachineContext): Promise<OwnedFile[]> {
  return certificateFiles(spec, machine, cluster.paths.pkiDir);
}

/** All files of a machine as this console would write them; what is due is issued anew on the way. */
export async function certificateFiles(spec: ClusterSpec, machine: MachineSpec, pkiDir: string): Promise<OwnedFile[]> {
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
    files.push(...(await filesForExternalEtcd(spec)));
  }
  return files;
}

async function filesForExternalEtcd(spec: ClusterSpec): Promise<OwnedFile[]> {
  const external = externalEtcdOf(spec);
  if (external === undefined) return [];
  const { ca, cert, key } = await readEtcdCredentials(external);
  return [
    { path: externalEtcdFiles.ca, content: ca, mode: 0o644 },
    { path: externalEtcdFiles.cert, content: cert, mode: 0o644 },
    { path: externalEtcdFiles.key, content: key, mode: 0o600 },
  ];
}

async function filesToWrite(context: MachineContext): Promise<OwnedFile[]> {
  const wanted = await wantedFiles(context);
  const found = await findFiles(
    context.transport,
    wanted.map(({ path }) => path),
  );
  return unacceptable(wanted, found);
}

/** Writes certificates; etcd, which runs as its own user, gets to read its own and no authority's key. */
export async function writeCertificates(transport: Transport, files: readonly OwnedFile[]): Promise<void> {
  if (files.length > 0) await writeFiles(transport, files);
  // The package that makes the user may not be there yet.
  await transport.run(
    `if getent passwd etcd >/dev/null && [ -d ${etcFolder}/pki/etcd ]; then chown -R etcd: ${etcFolder}/pki/etcd; chown root: ${etcFolder}/pki/etcd/ca.key 2>/dev/null; fi; true`,
  );
}

export const certificatesStep = machineStep<Found>({
  kind: 'certificates',
  async check(context) {
    return (await filesToWrite(context)).length === 0;
  },
  async record(context) {
    const absent = await absentFolders(context.transport, [etcFolder]);
    const paths = absent.length > 0 ? [] : (await wantedFiles(context)).map((file) => file.path);
    return { absent, files: await findFiles(context.transport, paths) };
  },
  async apply(context) {
    await writeCertificates(context.transport, await filesToWrite(context));
  },
  async revert(context, found) {
    await restoreFiles(context.transport, found.files);
    await removeFolders(context.transport, found.absent);
  },
});
