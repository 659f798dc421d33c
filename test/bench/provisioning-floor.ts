// The floor of provisioning: the same packages, programs, files and services, brought to the same bare machines by a shell
// script over ssh. Everything that the script needs lies ready beforehand (packages fetched, certificates issued, units
// written), and it checks, records and undoes nothing: it installs, starts Docker, etcd, the control plane and the agent,
// and ends when each of them answers.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ClusterSpec, createClusterSpec, type LabMachine } from '../../provisioning/index.ts';
import { fetchDebianPackages } from '../../provisioning/bundle/debian-packages.ts';
import { packPrograms, type ProgramsArchive } from '../../provisioning/bundle/programs.ts';
import { distroNamed, packagesFor } from '../../provisioning/distro/distro.ts';
import { cacheDir } from '../../provisioning/paths.ts';
import { ensureAuthorities } from '../../provisioning/pki/cluster-pki.ts';
import { agentUnit } from '../../provisioning/steps/agent.ts';
import { certificateFiles } from '../../provisioning/steps/certificates.ts';
import { controlPlaneUnit } from '../../provisioning/steps/control-plane.ts';
import { daemonFile } from '../../provisioning/steps/docker.ts';
import { etcdUnit, foundingFile } from '../../provisioning/steps/etcd.ts';
import type { OwnedFile } from '../../provisioning/steps/files.ts';
import { kernelFiles } from '../../provisioning/steps/kernel.ts';
import { unitFile } from '../../provisioning/steps/unit.ts';
import { runOnMachine } from '../support/shared-lab.ts';

export const sshFlags = [
  '-o',
  'StrictHostKeyChecking=no',
  '-o',
  'UserKnownHostsFile=/dev/null',
  '-o',
  'LogLevel=ERROR',
];

/** Seconds that `run` takes. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return (performance.now() - begun) / 1000;
}

/** A shell pipeline on this computer, as an administrator would type it. */
export function shell(command: string): Promise<void> {
  const child = spawn('/bin/bash', ['-o', 'pipefail', '-c', command], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  return new Promise((resolve, reject) =>
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command.slice(0, 100)}: ${errors.slice(-500)}`)),
    ),
  );
}

const arch = process.arch === 'x64' ? 'amd64' : process.arch;

/** What the script brings to one machine: package files, and a tree to be laid over `/`. */
interface Load {
  readonly packages: readonly string[];
  readonly tree: string;
}

async function load(spec: ClusterSpec, machine: LabMachine, programs: ProgramsArchive, folder: string): Promise<Load> {
  const distro = distroNamed('debian-12');
  const member = spec.machines.find(({ name }) => name === machine.name);
  if (distro === undefined || member === undefined) throw new Error(`nothing is known of ${machine.name}`);
  const status = await runOnMachine(machine, 'cat /var/lib/dpkg/status');
  const wanted = packagesFor(distro, machine.role, false);
  const { files: packages } = await fetchDebianPackages(status, wanted, { cacheDir: cacheDir(), arch });
  const tree = mkdtempSync(join(folder, `${machine.name}-`));
  const put = ({ path, content, mode }: Omit<OwnedFile, 'content'> & { content: string | Uint8Array }): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content, { mode });
  };
  const files = [...(await certificateFiles(spec, member, join(folder, 'pki'))), ...kernelFiles, daemonFile(undefined)];
  files.push(unitFile(agentUnit({ spec, machine: member })));
  if (machine.role !== 'node') {
    files.push(foundingFile(spec), unitFile(etcdUnit({ machine: member })));
    files.push(unitFile(controlPlaneUnit({ spec, machine: member })));
  }
  for (const file of files) put(file);
  for (const { name, gzipped } of await programs.programs())
    put({ path: `/opt/pilothouse/current/${name}.gz`, content: gzipped, mode: 0o644 });
  return { packages, tree };
}

function script(role: LabMachine['role'], runtime: string): string {
  const isMaster = role !== 'node';
  const services = ['docker', ...(isMaster ? ['pilothouse-etcd', 'pilothouse-control-plane'] : []), 'pilothouse-agent'];
  const listens = (port: number): string => `until ss -Hltn 'sport = :${port}' | grep -q .; do sleep 0.1; done`;
  return `set -e
mkdir /tmp/floor; cd /tmp/floor; tar -xf -
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
mkdir -p /opt/pilothouse/current; dpkg-deb -x ${basename(runtime)} /opt/pilothouse/current; rm ${basename(runtime)}
DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io -i *.deb </dev/null; rm /usr/sbin/policy-rc.d
cp -a --no-preserve=ownership opt etc /; gunzip /opt/pilothouse/current/*.gz; chmod 755 /opt/pilothouse/current
sysctl -q -p /etc/sysctl.d/90-pilothouse.conf
${isMaster ? 'mkdir -p -m 700 /var/lib/pilothouse/etcd; chown -R etcd: /var/lib/pilothouse/etcd /etc/pilothouse/pki/etcd' : ''}
systemctl daemon-reload; systemctl enable --now ${services.join(' ')}
docker version
${isMaster ? listens(6443) : ''}
${listens(10250)}
systemctl is-active ${services.join(' ')}
rm -r /tmp/floor`;
}

/** Seconds of the bare script on all `machines` at once. */
export async function floor(machines: readonly LabMachine[], folder: string): Promise<number> {
  const work = mkdtempSync(join(folder, 'floor-'));
  const members = machines.map(({ name, address, role, keyPath }) => ({ name, address, role, keyPath }));
  const spec = createClusterSpec({ name: 'floor', machines: members });
  await ensureAuthorities(spec, join(work, 'pki'));
  const programs = await packPrograms({ cacheDir: cacheDir(), arch });
  const { path: runtime } = programs.runtime;
  const loads = await Promise.all(
    machines.map(async (machine) => ({ machine, ...(await load(spec, machine, programs, work)) })),
  );
  const install = ({ machine, packages, tree }: Load & { readonly machine: LabMachine }): Promise<void> => {
    const files = [...packages, runtime].map((path) => `-C ${dirname(path)} ${basename(path)}`).join(' ');
    const remote = script(machine.role, runtime).replaceAll("'", `'\\''`);
    return shell(
      `tar -cf - ${files} -C ${tree} . | ssh -i ${machine.keyPath} ${sshFlags.join(' ')} root@${machine.address} '${remote}'`,
    );
  };
  return timed(() => Promise.all(loads.map(install)));
}
