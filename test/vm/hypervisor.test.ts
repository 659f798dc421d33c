// Real virtual machines made on a hypervisor over SSH (this computer, by libvirt, under software emulation): one is made,
// kept, brought back and removed; then three masters and a worker become a cluster from a bundle, without a way out, and a
// master that is destroyed is replaced by a new machine.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabMachine, QuorumAssessment, VirtualMachine } from '../../provisioning/index.ts';
import { buildSampleImage } from '../../provisioning/index.ts';
import { runCli, runCliJson } from '../support/cli.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';
import { cloudImage } from './cloud-image.ts';
import { localHypervisor, type LocalHypervisor, publicKeyOf, whatIsMissing } from './local-hypervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'pilothouse-hypervisor-'));
const env = { PILOTHOUSE_HOME: join(folder, 'home') };
const cluster = `hv${process.pid % 10_000}`;
const file = join(folder, 'machines.yaml');
const bootSeconds = '1500'; // software emulation, several at once
/** Where libvirt's own user may read: not below a private temporary folder. */
const disks = `/var/lib/libvirt/images/pilothouse-${process.pid}`;
const reason = whatIsMissing();
const title = reason === undefined ? 'virtual machines on a hypervisor' : `virtual machines [skipped: ${reason}]`;

describe.skipIf(reason !== undefined)(title, () => {
  let hypervisor: LocalHypervisor;
  const vm = <T>(verb: string, ...args: string[]): Promise<T> => runCliJson<T>(['vm', verb, ...args, '-f', file], env);
  const machine = (index: number): LabMachine => ({
    name: `m${index}`,
    address: hypervisor.address(10 + index),
    role: 'both',
    user: 'root',
    keyPath: hypervisor.keyPath,
    running: true,
  });

  beforeAll(async () => {
    const image = await cloudImage();
    hypervisor = await localHypervisor(folder);
    const role = (index: number): string => (index === 5 ? 'node' : 'both');
    const spec = {
      cluster,
      hypervisor: {
        ...{ address: '127.0.0.1', port: hypervisor.port, user: 'root', keyPath: hypervisor.keyPath },
        ...{ bridge: hypervisor.bridge, accelerator: 'emulated', folder: disks },
      },
      image: {
        disk: { file: image.disk },
        kernel: { file: image.kernel },
        initrd: { file: image.initrd },
        append: 'root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet mitigations=off',
      },
      size: { cpus: 2, memoryMiB: 1536, diskGiB: 12 },
      login: { publicKey: publicKeyOf(hypervisor), keyPath: hypervisor.keyPath },
      machines: [1, 2, 3, 4, 5].map((index) => ({
        name: machine(index).name,
        role: role(index),
        address: `${machine(index).address}/24`,
      })),
    };
    writeFileSync(file, JSON.stringify(spec));
  });
  afterAll(async () => {
    await runCli(['vm', 'remove', '--all', '-f', file], env);
    await hypervisor.close();
    for (const path of [folder, disks]) rmSync(path, { recursive: true, force: true });
  });

  it('makes one that knows its name and address, keeps it, brings it back, and removes it without a trace', async () => {
    await vm('create', 'm5', '--timeout', bootSeconds);
    expect((await runOnMachine(machine(5), 'hostname; systemd-detect-virt')).split('\n')).toEqual(['m5', 'qemu', '']);
    await vm('snapshot', 'before', 'm5');
    await runOnMachine(machine(5), 'touch /root/written-since; sync');
    const listed = await vm<{ machines: VirtualMachine[] }>('list');
    expect(listed.machines).toEqual([{ name: 'm5', state: 'running', snapshots: ['before'] }]);
    await vm('revert', 'before', 'm5');
    await vm('create', 'm5', '--timeout', bootSeconds); // waits until it answers again
    expect(await runOnMachine(machine(5), 'ls /root')).not.toContain('written-since');
    await vm('snapshot', 'again', 'm5');
    await runOnMachine(machine(5), 'touch /root/kept; sync');
    await vm('drop-snapshot', 'again', 'm5');
    expect(await runOnMachine(machine(5), 'ls /root')).toContain('kept');
    await vm('remove', 'm5');
    expect((await vm<{ machines: VirtualMachine[] }>('list')).machines).toEqual([]);
  });

  it('becomes a cluster from a bundle, and goes on when a master is destroyed and replaced', async () => {
    const bundle = join(folder, 'this.bundle');
    const image = await buildSampleImage();
    await runCliJson(['bundle', 'create', '-o', bundle, '--image', image], env);
    const clusterFile = join(folder, 'cluster.yaml');
    await vm('create', 'm1', 'm2', 'm3', 'm5', '--cluster-file', clusterFile, '--timeout', bootSeconds);
    expect(await runOnMachine(machine(1), 'ip route show default')).toBe('');
    const made = await runCliJson<{ ok: boolean; kubeconfigPath: string }>(
      ['provision', '-f', clusterFile, '--bundle', bundle],
      env,
    );
    expect(made.ok).toBe(true);
    const config = new KubeConfig();
    config.loadFromFile(made.kubeconfigPath);
    const ready = async (): Promise<string[]> => {
      const { items } = await config.makeApiClient(CoreV1Api).listNode();
      const isReady = (node: (typeof items)[number]): boolean =>
        node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
      return items
        .filter(isReady)
        .map((node) => node.metadata?.name ?? '')
        .sort();
    };
    expect(await ready()).toEqual(['m1', 'm2', 'm3', 'm5']);
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'kept' } } });

    await vm('remove', 'm3');
    await vm('create', 'm4', '--timeout', bootSeconds);
    const { address, keyPath } = machine(4);
    const place = ['--address', address, '--key', keyPath, '--bundle', bundle];
    await runCliJson(['machine', 'replace', 'm3', 'm4', '--dead', '-c', cluster, ...place], env);
    const again = new KubeConfig();
    again.loadFromFile(made.kubeconfigPath);
    config.loadFromString(again.exportConfig());
    await until('four nodes to be Ready', async () => (await ready()).join() === 'm1,m2,m4,m5', 600_000, 2_000);
    const quorum = await runCliJson<QuorumAssessment>(['recover', '--dry-run', '-c', cluster], env);
    expect(quorum.state).toBe('healthy');
    expect(quorum.masters.map((each) => each.name).sort()).toEqual(['m1', 'm2', 'm4']);
    const kept = await config.makeApiClient(CoreV1Api).readNamespacedConfigMap({ name: 'kept', namespace: 'default' });
    expect(kept.metadata?.name).toBe('kept');
  }, 3_600_000); // four machines at once, every instruction computed
});
