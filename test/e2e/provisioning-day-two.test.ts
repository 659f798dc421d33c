// Day two from the command line, on lab machines without a way out: installed from a bundle of the previous version,
// upgraded to this one under load, brought back by itself from a broken one; machines join, drain, reboot and leave.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppsV1Api, CoordinationV1Api, CoreV1Api, KubeConfig, PolicyV1Api, V1MicroTime } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LabMachine, LabStatus, UpgradeResult } from '../../provisioning/index.ts';
import { buildSampleImage } from '../../provisioning/index.ts';
import { difference, snapshot } from '../../provisioning/machines/snapshot.testing.ts';
import { runCli, runCliJson } from '../support/cli.ts';
import { buildPreviousPrograms } from '../support/previous-programs.ts';
import { requires } from '../support/requirements.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';

const name = `y${process.pid % 100_000}`;
const folder = mkdtempSync(join(tmpdir(), 'pilothouse-two-'));
const env = { PILOTHOUSE_HOME: join(folder, 'home') };
const clusterFile = join(folder, 'cluster.yaml');
const bundle = (version: string): string => join(folder, `${version}.bundle`);
const dist = join(import.meta.dirname, '../../dist');
const namespace = 'default';
const labels = { app: 'steady' };
let lab: LabStatus;
let bare = '';
let config: KubeConfig;

const machine = (label: string): LabMachine => {
  const found = lab.machines.find((each) => each.name === label);
  if (found === undefined) throw new Error(`the lab has no ${label}`);
  return found;
};

/** Makes a bundle of these programs for this lab's machines. */
async function makeBundle(version: string, programs: string): Promise<void> {
  const image = await buildSampleImage();
  await runCliJson(['bundle', 'create', '-o', bundle(version), '--programs', programs, '--image', image], env);
}

/** Two replicas on different machines that end gently, one of which must always be there, behind a node port. */
async function deploy(): Promise<number> {
  const container = {
    name: 'main',
    image: 'pilothouse.local/sample-web:1',
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
    lifecycle: { preStop: { exec: { command: ['sleep', '4'] } } },
  };
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
  };
  await config.makeApiClient(AppsV1Api).createNamespacedDeployment({
    namespace,
    body: {
      metadata: { name: 'steady' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container], topologySpreadConstraints: [spread] } },
      },
    },
  });
  const budget = { metadata: { name: 'steady' }, spec: { minAvailable: 1, selector: { matchLabels: labels } } };
  await config.makeApiClient(PolicyV1Api).createNamespacedPodDisruptionBudget({ namespace, body: budget });
  const service = await config.makeApiClient(CoreV1Api).createNamespacedService({
    namespace,
    body: {
      metadata: { name: 'steady' },
      spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  });
  const ready = async (): Promise<boolean> =>
    (await config.makeApiClient(AppsV1Api).readNamespacedDeployment({ name: 'steady', namespace })).status
      ?.readyReplicas === 2;
  await until('two ready replicas', ready);
  return service.spec?.ports?.[0]?.nodePort ?? 0;
}

/** Asks the service on every machine again and again, on new connections; `stop` answers how it went. */
function load(port: number): { stop(): Promise<{ asked: number; failed: string[] }> } {
  let isOver = false;
  let asked = 0;
  const failed: string[] = [];
  const ask = async (address: string): Promise<void> => {
    while (!isOver) {
      asked += 1;
      await fetch(`http://${address}:${port}/`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(5_000),
      })
        .then(async (answer) => {
          if (!(await answer.text()).includes('Hello')) failed.push(`${address}: ${answer.status}`);
        })
        .catch((error: unknown) => failed.push(`${new Date().toISOString()} ${address}: ${String(error)}`));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const asking = Promise.all(lab.machines.slice(0, 3).map(({ address }) => ask(address)));
  return {
    async stop() {
      isOver = true;
      await asking;
      return { asked, failed };
    },
  };
}

/** Stands for a hypervisor's, keeps a record of its calls, and does to files what the real one does. */
const virsh = `#!/bin/sh
echo "$*" >> /tmp/vms/record
[ "$1" = -q ] && shift
case $1 in
  domuuid) cat "/tmp/vms/\${2#pilothouse-}.xml" | sed 's/<[^>]*>//g';;
  domstate) echo running;;
  snapshot-create-as) for word; do case $word in vda,file=*) : > "\${word#vda,file=}";; esac; done;;
esac
`;
const virtualMachines = join(folder, 'machines.yaml');

/** Has a machine of the lab play the hypervisor of the cluster's other machines. */
async function playHypervisor(player: LabMachine, names: readonly string[]): Promise<void> {
  const encoded = Buffer.from(virsh).toString('base64');
  const disks = names.map((each) => `echo "<uuid>${each}</uuid>" > ${each}.xml; : > ${each}.qcow2`).join('; ');
  await runOnMachine(
    player,
    `mkdir -p /tmp/vms/${name}; cd /tmp/vms/${name}; ${disks}
for f in *.xml; do ln -s $PWD/$f ../${name}-$f; done; : > /tmp/vms/record
echo ${encoded} | base64 -d > /usr/local/bin/virsh; chmod 755 /usr/local/bin/virsh`,
  );
  const file = {
    cluster: name,
    hypervisor: { address: player.address, keyPath: player.keyPath, bridge: 'none', folder: '/tmp/vms' },
    image: { disk: { path: '/image' } },
    login: { publicKey: 'ssh-ed25519 AAAA' },
    machines: names.map((each, index) => ({ name: each, role: 'both', address: `10.9.0.${index + 11}/24` })),
  };
  writeFileSync(virtualMachines, JSON.stringify(file));
}

requires('lab')('day two', () => {
  let port = 0;

  beforeAll(async () => {
    await makeBundle('previous', buildPreviousPrograms(folder));
    await makeBundle('this', dist);
    mkdirSync(join(folder, 'broken'));
    cpSync(join(dist, 'control-plane.mjs'), join(folder, 'broken/control-plane.mjs'));
    writeFileSync(join(folder, 'broken/agent.mjs'), 'process.stderr.write("broken on purpose\\n"); process.exit(1);\n');
    await makeBundle('broken', join(folder, 'broken'));
    lab = await runCliJson<LabStatus>(['lab', 'up', '--name', name, '--masters', '1', '--workers', '3', '--bare'], env);
    await playHypervisor(
      machine('worker-3'),
      lab.machines.slice(0, 3).map((each) => each.name),
    );
    bare = snapshot(machine('worker-3'));
    const machines = lab.machines
      .slice(0, 3)
      .map(({ name: label, address, role, keyPath }) => ({ name: label, address, role, keyPath }));
    writeFileSync(clusterFile, JSON.stringify({ name, machines }));
  }, 900_000);
  afterAll(async () => {
    await runCli(['lab', 'down', '--name', name], env);
    rmSync(folder, { recursive: true, force: true });
  });

  test('machines without a way out are installed from a bundle', async () => {
    for (const each of lab.machines) expect(await runOnMachine(each, 'ip route show default')).toBe('');
    const result = await runCliJson<{ ok: boolean; kubeconfigPath: string }>(
      ['provision', '-f', clusterFile, '--bundle', bundle('previous')],
      env,
    );
    expect(result.ok).toBe(true);
    config = new KubeConfig();
    config.loadFromFile(result.kubeconfigPath);
    port = await deploy();
  });

  const disks = (): Promise<string> => runOnMachine(machine('worker-3'), `ls /tmp/vms/${name} | grep since || true`);
  const calls = async (): Promise<string[]> =>
    (await runOnMachine(machine('worker-3'), 'grep -oE "(snapshot-create-as|blockcommit) [^ ]+" /tmp/vms/record'))
      .trim()
      .split('\n');

  test('an upgrade under load fails no request, and keeps the disks of virtual machines until it is done', async () => {
    const requests = load(port);
    const args = ['upgrade', '-c', name, '--bundle', bundle('this'), '--vms', virtualMachines];
    const result = await runCliJson<UpgradeResult>(args, env);
    const { asked, failed } = await requests.stop();
    const names = lab.machines.slice(0, 3).map((each) => each.name);
    expect(result).toMatchObject({ state: 'done', snapshots: { machines: [...names].sort(), kept: false } });
    const domains = [...names].sort().map((each) => `pilothouse-${name}-${each}`);
    expect(await calls()).toEqual(
      ['snapshot-create-as', 'blockcommit'].flatMap((verb) => domains.map((domain) => `${verb} ${domain}`)),
    );
    expect(await disks()).toBe('');
    expect(result.machines.filter(({ from, to }) => from === to)).toEqual([]);
    expect(result.backup).toContain('before-upgrade');
    expect(failed).toEqual([]);
    expect(asked).toBeGreaterThan(100);
    const again = await runCliJson<UpgradeResult>(['upgrade', '-c', name, '--bundle', bundle('this')], env);
    expect(again).toMatchObject({ state: 'done', runs: [] });
  }, 600_000);

  test('a version whose agent does not start goes back by itself, and fails no request either', async () => {
    const requests = load(port);
    const { code, stdout } = await runCli(
      [
        ...['upgrade', '-c', name, '--bundle', bundle('broken'), '--no-backup', '--health-timeout', '30', '--json'],
        ...['--vms', virtualMachines],
      ],
      env,
    );
    const { failed } = await requests.stop();
    const result = JSON.parse(stdout) as UpgradeResult;
    expect({ code, state: result.state }).toEqual({ code: 1, state: 'returned' });
    expect(result.machines.every(({ from, to }) => from === to)).toBe(true);
    expect(failed).toEqual([]);
    const running = await Promise.all(
      lab.machines.slice(0, 3).map((each) => runOnMachine(each, 'readlink /opt/pilothouse/current')),
    );
    expect(new Set(running.map((line) => line.trim()))).toEqual(new Set([result.machines[0]?.from]));
    const label = result.snapshots?.label ?? '';
    expect(result.snapshots?.kept).toBe(true);
    expect((await disks()).split('\n').filter((line) => line.includes(`since-${label}`))).toHaveLength(3);
    await runCliJson(['vm', 'drop-snapshot', label, '-f', virtualMachines], env);
    expect(await disks()).toBe('');
  }, 600_000);

  test('a worker joins, and no other machine is touched', async () => {
    const journals = (): Promise<string[]> =>
      Promise.all(
        lab.machines
          .slice(0, 3)
          .map((each) =>
            runOnMachine(each, 'cat /var/lib/pilothouse/journal/*; systemctl show -P MainPID pilothouse-agent'),
          ),
      );
    const before = await journals();
    const { address, keyPath } = machine('worker-3');
    const args = [
      'machine',
      'add',
      'worker-3',
      '-c',
      name,
      '--address',
      address,
      '--key',
      keyPath,
      '--bundle',
      bundle('this'),
    ];
    const result = await runCliJson<{ ok: boolean; run: { steps: { id: string }[] } }>(args, env);
    expect(result.ok).toBe(true);
    expect(result.run.steps.filter(({ id }) => id.includes('@') && !id.endsWith('@worker-3'))).toEqual([]);
    expect(await journals()).toEqual(before);
  });

  test('a drain is rehearsed, done and undone; the machine reboots; labels and taints last', async () => {
    const args = (...words: string[]): string[] => ['machine', ...words, '-c', name];
    const core = config.makeApiClient(CoreV1Api);
    const preview = await runCliJson<{ moved: { from: string }[] }>([...args('drain', 'worker-1'), '--preview'], env);
    expect(preview.moved.every(({ from }) => from === 'worker-1')).toBe(true);
    const drained = await runCliJson<{ evicted: string[] }>(args('drain', 'worker-1'), env);
    expect(drained.evicted.sort()).toEqual(
      preview.moved.map((move) => (move as unknown as { pod: string }).pod).sort(),
    );
    await runCliJson(args('uncordon', 'worker-1'), env);
    expect((await core.readNode({ name: 'worker-1' })).spec?.unschedulable).toBeUndefined();
    await runCliJson(args('label', 'worker-3', 'disk=fast'), env);
    await runCliJson(args('taint', 'worker-3', 'special=yes:NoSchedule'), env);
    await runCliJson(args('reboot', 'worker-3'), env);
    const node = await core.readNode({ name: 'worker-3' });
    expect(node.metadata?.labels).toMatchObject({ disk: 'fast' });
    expect(node.spec?.taints).toEqual([{ key: 'special', value: 'yes', effect: 'NoSchedule' }]);
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
  }, 600_000);

  test('while another administrator changes the cluster, nobody else does, and is told who', async () => {
    const coordination = config.makeApiClient(CoordinationV1Api);
    const now = new V1MicroTime();
    const lease = { name: 'pilothouse-provisioning', namespace: 'kube-system' };
    const current = await coordination.readNamespacedLease(lease);
    const spec = { holderIdentity: 'someone@elsewhere', leaseDurationSeconds: 40, acquireTime: now, renewTime: now };
    await coordination.replaceNamespacedLease({ ...lease, body: { ...current, spec } });
    const { code, stderr } = await runCli(['machine', 'reboot', 'worker-3', '-c', name], env);
    expect(code).toBe(1);
    expect(stderr).toContain('someone@elsewhere');
    await coordination.deleteNamespacedLease(lease);
  });

  test('every command is on record, and the record shows when it is changed', async () => {
    const verdict = await runCliJson<{ ok: boolean; entries: number; path: string }>(
      ['audit', 'verify', '-c', name],
      env,
    );
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.entries).toBeGreaterThan(100);
    const { stdout } = await runCli(['audit', 'export', '-c', name, '--machine', 'worker-3'], env);
    expect(stdout).toContain('systemctl --no-block reboot');
    expect(stdout).not.toContain('PRIVATE KEY');
    const whole = readFileSync(verdict.path, 'utf8');
    writeFileSync(verdict.path, whole.replace('systemctl --no-block reboot', 'systemctl --no-block kexec'));
    expect((await runCli(['audit', 'verify', '-c', name], env)).stderr).toContain('changed after it was written');
    writeFileSync(verdict.path, whole);
  });

  test('the worker leaves and is as it was found', async () => {
    const result = await runCliJson<{ ok: boolean }>(['machine', 'remove', 'worker-3', '-c', name], env);
    expect(result.ok).toBe(true);
    expect(difference(bare, snapshot(machine('worker-3')))).toEqual([]);
    const refused = await runCli(['machine', 'remove', 'master-1', '-c', name], env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('last master');
  });
});
