// This computer as a hypervisor: libvirt's own daemons (started here when the system has not), an sshd of the test's on
// loopback to reach it by, and a bridge with a private /24 of the lab's kind. `close` ends and removes what was made.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { waitForSsh } from '../../provisioning/machines/lab/wait-for-ssh.ts';
import {
  bridgeOf,
  claimSubnet,
  ensureNetwork,
  labAddress,
  removeNetwork,
} from '../../provisioning/machines/lab/network.ts';
import { until } from '../support/until.ts';

export interface LocalHypervisor {
  readonly port: number;
  readonly keyPath: string;
  readonly bridge: string;
  /** The `index`-th address of the bridge's network, without its prefix. */
  address(index: number): string;
  close(): Promise<void>;
}

const answers = (): boolean => {
  try {
    execFileSync('virsh', ['-c', 'qemu:///system', 'version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
};

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Makes it ready; `folder` is for keys and must exist. */
export async function localHypervisor(folder: string): Promise<LocalHypervisor> {
  const children: ChildProcess[] = [];
  const end = async (): Promise<void> => {
    const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(ended);
  };
  if (!answers()) {
    for (const daemon of ['virtlogd', 'libvirtd']) children.push(spawn(`/usr/sbin/${daemon}`, [], { stdio: 'ignore' }));
    await until('libvirt to answer', () => answers(), 60_000, 500);
  }
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  const options = ['PidFile none', `AuthorizedKeysFile ${join(folder, 'user.pub')}`, 'StrictModes no', 'UsePAM no'];
  const settings = [...options, 'PermitRootLogin yes', 'ListenAddress 127.0.0.1'].flatMap((option) => ['-o', option]);
  const flags = ['-D', '-e', '-f', '/dev/null', '-h', join(folder, 'host'), '-p', String(port), ...settings];
  children.push(spawn('/usr/sbin/sshd', flags, { stdio: 'ignore' }));
  if (!(await waitForSsh('127.0.0.1', 10_000, undefined, port))) throw new Error('sshd does not answer');
  const network = { subnetNumber: await claimSubnet(), podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' };
  await ensureNetwork(network);
  return {
    port,
    keyPath: join(folder, 'user'),
    bridge: bridgeOf(network),
    address: (index) => labAddress(network.subnetNumber, index),
    async close() {
      await removeNetwork(network);
      await end();
    },
  };
}

/** Why virtual machines cannot be made here; undefined when they can. */
export function whatIsMissing(): string | undefined {
  const needed = ['/usr/sbin/libvirtd', '/usr/bin/virsh', '/usr/bin/qemu-img', '/usr/sbin/sshd'];
  const absent = needed.filter((path) => !existsSync(path));
  return userInfo().uid !== 0 ? 'needs root' : absent.length > 0 ? `needs ${absent.join(' ')}` : undefined;
}

/** The public half of the key that the hypervisor and the machines let in. */
export function publicKeyOf(hypervisor: LocalHypervisor): string {
  return readFileSync(`${hypervisor.keyPath}.pub`, 'utf8').trim();
}
