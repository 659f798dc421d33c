// What cloud-init (NoCloud) tells a new machine: its name, its address, who may log in, and its host key, which is made here
// so that the first connection is to a known machine. Pure.
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Seed, VirtualMachineSpec, VirtualMachinesSpec } from './contract.ts';

/** The card's address: the same for the same machine, and of a range that is nobody's. */
export function macOf(cluster: string, name: string): string {
  const digest = createHash('sha256').update(`${cluster}/${name}`).digest('hex');
  return `52:54:00:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`;
}

/** The seed of `machine`; `hostKey` in OpenSSH's form. */
export function seedOf(
  spec: VirtualMachinesSpec,
  machine: VirtualMachineSpec,
  hostKey: { readonly privateKey: string; readonly publicKey: string },
): Seed {
  const { user, authorizedKey } = spec.login;
  const isRoot = user === 'root';
  const userData = {
    hostname: machine.name,
    preserve_hostname: false,
    manage_etc_hosts: 'localhost',
    disable_root: !isRoot,
    ssh_pwauth: false,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
    users: [
      {
        name: user,
        ssh_authorized_keys: [authorizedKey],
        ...(isRoot ? {} : { sudo: 'ALL=(ALL) NOPASSWD:ALL', shell: '/bin/bash', lock_passwd: true }),
      },
    ],
  };
  const instance = createHash('sha256').update(hostKey.publicKey).digest('hex').slice(0, 16);
  const network = {
    version: 2,
    ethernets: {
      lan: {
        match: { macaddress: macOf(spec.cluster, machine.name) },
        addresses: [machine.cidr],
        ...(spec.gateway === undefined ? {} : { routes: [{ to: '0.0.0.0/0', via: spec.gateway }] }),
        ...(spec.nameservers.length === 0 ? {} : { nameservers: { addresses: spec.nameservers } }),
      },
    },
  };
  return {
    'user-data': `#cloud-config\n${stringify(userData)}`,
    'meta-data': stringify({ 'instance-id': instance, 'local-hostname': machine.name }),
    'network-config': stringify(network),
  };
}
