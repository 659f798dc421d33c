import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ProvisioningError } from '../../errors.ts';
import type { Capacity } from './capacity.ts';
import { findProblems } from './capacity.ts';
import { domainXml } from './domain-xml.ts';
import { readMachinesFile } from './machines-file.ts';
import { seedOf } from './seed.ts';
import { chooseVms, machineOfVm, revertVms } from './virtual-machines.ts';

const file = {
  cluster: 'site',
  hypervisor: { address: '192.0.2.1', keyPath: 'id', bridge: 'br0', isJumpHost: true },
  image: { disk: { file: 'debian.qcow2' } },
  size: { memoryMiB: 1024 },
  gateway: '10.9.0.1',
  login: { publicKey: 'ssh-ed25519 AAAA admin', keyPath: 'id' },
  machines: [
    { name: 'm1', role: 'master', address: '10.9.0.11/24' },
    { name: 'm2', role: 'master', address: '10.9.0.12/24', memoryMiB: 4096 },
    { name: 'm3', role: 'master', address: '10.9.0.13/24' },
    { name: 'w1', role: 'node', address: '10.9.0.21/24' },
  ],
};
const read = (change: object = {}): ReturnType<typeof readMachinesFile> =>
  readMachinesFile(JSON.stringify({ ...file, ...change }), { baseDir: '/site' });
const problem = (change: object): string => {
  try {
    read(change);
  } catch (error) {
    if (error instanceof ProvisioningError) return error.message;
    throw error;
  }
  return '';
};

test('defaults fill what the file leaves out, paths are relative to the file', () => {
  const spec = read();
  expect(spec.machines.map(({ memoryMiB, cpus, diskGiB }) => [memoryMiB, cpus, diskGiB])).toEqual([
    [1024, 2, 20],
    [4096, 2, 20],
    [1024, 2, 20],
    [1024, 2, 20],
  ]);
  expect(spec.machines[0]?.image.disk).toEqual({ file: '/site/debian.qcow2' });
  expect(spec.hypervisor).toMatchObject({ attachment: { bridge: 'br0' }, uri: 'qemu:///system', accelerator: 'auto' });
  const [first] = spec.machines;
  if (first === undefined) throw new Error('four machines were given');
  expect(machineOfVm(spec, first)).toMatchObject({ address: '10.9.0.11', jump: [{ address: '192.0.2.1' }] });
});

test.each([
  [{ machines: [...file.machines, file.machines[0]] }, 'is also that of machines.0'],
  [{ machines: [{ ...file.machines[0], address: '10.9.0.11' }] }, 'with its prefix'],
  [{ machines: [{ ...file.machines[0], address: '10.8.0.11/24' }] }, 'gateway'],
  [{ image: undefined }, 'no image is given'],
  [{ hypervisor: { ...file.hypervisor, network: 'default' } }, 'bridge or network, not both'],
  [{ size: { memoryMiB: 12 } }, 'size.memoryMiB'],
  [{ login: { publicKey: 'missing.pub' } }, 'login.publicKey'],
])('wrong input %# is refused with its place', (change, expected) => {
  expect(problem(change)).toContain(expected);
});

test('a seed names the machine, its address and its own host key, and lets one key in', () => {
  const spec = read();
  const [machine] = spec.machines;
  if (machine === undefined) throw new Error('four machines were given');
  const seed = seedOf(spec, machine, { privateKey: 'SECRET\n', publicKey: 'ssh-ed25519 BBBB m1' });
  expect(seed['user-data'].split('\n')[0]).toBe('#cloud-config');
  expect(parse(seed['user-data'])).toMatchObject({
    hostname: 'm1',
    ssh_pwauth: false,
    ssh_keys: { ed25519_private: 'SECRET\n' },
    users: [{ name: 'root', ssh_authorized_keys: ['ssh-ed25519 AAAA admin'] }],
  });
  expect(parse(seed['network-config'])).toMatchObject({
    ethernets: { lan: { addresses: ['10.9.0.11/24'], routes: [{ via: '10.9.0.1' }] } },
  });
});

test('a definition escapes what it is told and boots a kernel only when there is one', () => {
  const base = {
    name: 'a&b',
    uuid: '0',
    type: 'qemu' as const,
    arch: 'x86_64' as const,
    cpus: 2,
    memoryMiB: 1024,
    disk: '/d',
    seed: '/s',
    mac: '52:54:00:00:00:01',
    attachment: { bridge: 'br0' },
    log: '/l',
  };
  expect(domainXml(base)).toContain('<name>a&amp;b</name>');
  expect(domainXml(base)).toContain("<boot dev='hd'/>");
  expect(domainXml({ ...base, kernel: '/k' })).toContain('<kernel>/k</kernel>');
});

test('what a hypervisor lacks is said with figure and bar', () => {
  const spec = read();
  const enough: Capacity = {
    missing: [],
    memoryMiB: 8000,
    diskFreeGiB: 100,
    hasNetwork: true,
    hasKvm: false,
    type: 'qemu',
    arch: 'x86_64',
    absentImages: [],
  };
  expect(findProblems(enough, spec.hypervisor, spec.machines)).toEqual([]);
  const poor = { ...enough, memoryMiB: 7000, diskFreeGiB: 7, hasNetwork: false, absentImages: ['/x'] };
  expect(findProblems(poor, { ...spec.hypervisor, accelerator: 'kvm' }, spec.machines).map(({ en }) => en)).toEqual([
    '4 machines need 7168 MiB of memory and 7000 MiB are free',
    'the new disks need 8 GiB at first and /var/lib/libvirt/images/pilothouse has 7 GiB free',
    'there is no bridge or active network br0',
    'its processor or kernel does not offer hardware help (KVM)',
    'there is no image /x',
  ]);
  expect(findProblems({ ...enough, missing: ['virsh'] }, spec.hypervisor, spec.machines)[0]?.en).toContain('virsh');
});

test('an unknown machine, and one master of three going back, are refused before a hypervisor is asked', async () => {
  expect(() => chooseVms(read(), ['m9'])).toThrow('There is no virtual machine m9');
  await expect(revertVms(read(), ['m1'], 'x')).rejects.toMatchObject({ reason: 'VmRevertOne' });
});
