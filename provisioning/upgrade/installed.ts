// The program versions that lie on a machine, and the way back to one of them: no upload, one link and two restarts.
import type { MachineSpec } from '../contract.ts';
import { quote } from '../transport/shell.ts';
import type { Transport } from '../transport/contract.ts';

const root = '/opt/pilothouse';

/** The version that the machine runs; empty when it has none. */
export async function currentVersion(transport: Transport): Promise<string> {
  return (await transport.run(`readlink ${root}/current || true`)).trim();
}

/** Makes `version`, which lies on the machine already, the running one. */
export async function switchTo(transport: Transport, machine: MachineSpec, version: string): Promise<void> {
  const units = [...(machine.role === 'node' ? [] : ['pilothouse-control-plane']), 'pilothouse-agent'].join(' ');
  await transport.run(
    `set -e; cd ${root}; [ -x ${quote(version)}/node ]; ln -sfn ${quote(version)} current.new; mv -T current.new current; systemctl restart ${units}`,
  );
}

/** Removes all versions but those named. */
export async function removeOtherVersions(transport: Transport, kept: readonly string[]): Promise<void> {
  const names = kept.map((name) => `${quote(name)}/`).join('|');
  await transport.run(
    `cd ${root} && for v in */; do case "$v" in ${names}|current/) ;; *) rm -rf -- "$v";; esac; done`,
  );
}
