// The lab that all end-to-end tests of a run share: one master, two workers, made over SSH by the first who asks.
import { KubeConfig } from '@kubernetes/client-node';
import { inject } from 'vitest';
import type { LabMachine, LabStatus } from '../../provisioning/index.ts';
import { runCliJson } from './cli.ts';
import { runCommand } from './run-command.ts';

export interface SharedLab {
  readonly status: LabStatus;
  readonly kubeconfigPath: string;
  readonly home: string;
  readonly master: LabMachine;
  readonly workers: readonly LabMachine[];
  readonly config: KubeConfig;
  /** Runs a shell command as root on a machine, over SSH; answers its stdout. */
  ssh(machine: LabMachine, command: string): Promise<string>;
}

/** Makes the shared lab, or finds it made. */
export async function sharedLab(): Promise<SharedLab> {
  const { name, home } = inject('sharedLab');
  const args = ['lab', 'up', '--name', name, '--masters', '1', '--workers', '2'];
  const status = await runCliJson<LabStatus>(args, { PILOTHOUSE_HOME: home });
  const { kubeconfigPath } = status;
  const master = status.machines.find((machine) => machine.role === 'master');
  if (kubeconfigPath === undefined || master === undefined)
    throw new Error(`the lab came up without a cluster: ${JSON.stringify(status)}`);
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  const workers = status.machines.filter((machine) => machine.role === 'node');
  return { status, kubeconfigPath, home, master, workers, config, ssh: runOnMachine };
}

/** Runs a shell command as root on a lab machine. */
export function runOnMachine(machine: LabMachine, command: string): Promise<string> {
  const options = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
    '-o',
    'ConnectTimeout=10',
  ];
  const become = machine.user === 'root' ? command : `sudo -n sh -c '${command.replaceAll("'", `'\\''`)}'`;
  return runCommand('ssh', ['-i', machine.keyPath, ...options, `${machine.user}@${machine.address}`, become]);
}
