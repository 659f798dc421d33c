// A cluster whose state lives in an etcd that somebody else runs: three members with TLS beside the lab. What cannot be used
// is refused before a machine is touched; then it is built, backed up, loses a member, and leaves as it came.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEtcdClient, type EtcdClient, prefixEnd } from '../../machinery/etcd/index.ts';
import { issueCertificate } from '../../machinery/pki/index.ts';
import type { LabMachine, LabStatus, ProvisionResult } from '../../provisioning/index.ts';
import { readClusterFile } from '../../provisioning/index.ts';
import { difference, snapshot } from '../../provisioning/machines/snapshot.testing.ts';
import { backUpFirst } from '../../provisioning/upgrade/backup-first.ts';
import { runCli, runCliJson } from '../support/cli.ts';
import { startEtcdCluster, type TestEtcdCluster } from '../support/etcd-cluster.ts';
import { requires } from '../support/requirements.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';

const name = `x${process.pid % 100_000}`;
const folder = mkdtempSync(join(tmpdir(), 'pilothouse-external-'));
const env = { PILOTHOUSE_HOME: join(folder, 'home'), PILOTHOUSE_PASSPHRASE: 'a passphrase for an external etcd' };
const clusterFile = join(folder, 'cluster.yaml');
const namespace = 'default';

requires(
  'lab',
  'docker',
  'etcd',
)('a cluster on an existing etcd', () => {
  const bare = new Map<string, string>();
  let lab: LabStatus;
  let etcd: TestEtcdCluster;
  let client: EtcdClient;
  let config: KubeConfig;

  const cli = <T>(...args: string[]): Promise<T> => runCliJson<T>(args, env);
  const provisioned = (): Promise<ProvisionResult> => cli<ProvisionResult>('provision', '-f', clusterFile);
  const keysBelow = async (key: string): Promise<number> =>
    (await client.range({ key, end: prefixEnd(key), countOnly: true })).count;
  const put = (key: string): Promise<unknown> =>
    client.transact({ guards: [], write: { put: key, value: Buffer.from('x') }, otherwiseRead: [] });
  const master = (): LabMachine => {
    const [found] = lab.machines;
    if (found === undefined) throw new Error('the lab has machines');
    return found;
  };
  const untouched = (): void => {
    for (const each of lab.machines)
      expect(difference(bare.get(each.name) ?? '', snapshot(each)), each.name).toEqual([]);
  };
  /** Refused in both languages with reason and next step. */
  const refused = async (args: string[], ...reasons: [en: RegExp, zh: RegExp]): Promise<void> => {
    for (const [language, reason, next] of [
      ['C', reasons[0], 'Next step: '],
      ['zh_CN.UTF-8', reasons[1], '下一步：'],
    ] as const) {
      const { code, stderr } = await runCli(args, { ...env, LC_ALL: language });
      expect(code, stderr).toBeGreaterThan(0);
      expect(stderr).toMatch(reason);
      expect(stderr).toContain(next);
    }
  };
  const describeCluster = (change: object = {}): void => {
    const machines = lab.machines.map(({ name: label, address, role, keyPath }) => {
      return { name: label, address, role, keyPath };
    });
    const external = {
      endpoints: etcd.access.endpoints,
      ...{ caFile: 'ca.pem', certFile: 'client.pem', keyFile: 'client-key.pem', ...change },
    };
    writeFileSync(clusterFile, JSON.stringify({ name, machines, settings: { etcd: { external } } }));
  };
  const writeCredentials = (cert: string, key: string): void => {
    writeFileSync(join(folder, 'client.pem'), cert);
    writeFileSync(join(folder, 'client-key.pem'), key, { mode: 0o600 });
  };

  beforeAll(async () => {
    lab = await cli<LabStatus>('lab', 'up', '--name', name, '--masters', '1', '--workers', '1', '--bare');
    for (const each of lab.machines) bare.set(each.name, snapshot(each));
    etcd = await startEtcdCluster(join(folder, 'etcd'), 3, master().address.replace(/\d+$/, '1'));
    client = createEtcdClient(etcd.access);
    writeFileSync(join(folder, 'ca.pem'), etcd.pki.etcdCa.cert);
    writeCredentials(etcd.pki.etcdClient.cert, etcd.pki.etcdClient.key);
    describeCluster();
  });
  afterAll(async () => {
    client.close();
    await etcd.close();
    await runCli(['lab', 'down', '--name', name], env);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused where etcd cannot be used, and no machine is touched', async () => {
    const provisioning = ['provision', '-f', clusterFile];
    describeCluster({ keyFile: 'ca.pem' });
    await refused(provisioning, /ca\.pem: holds no private key/, /ca\.pem：不含无需口令的/);
    const [first = ''] = etcd.access.endpoints;
    describeCluster({ endpoints: [first, first.replace(/:\d+$/, ':1')] });
    await refused(provisioning, /gets no answer over TLS from .*:1:/, /无法通过 TLS/);
    describeCluster();
    await put('/somebody/else');
    await refused(provisioning, /holds 1 keys of something else/, /其他用途的键/);
    await client.deletePrefix('/somebody/');
    await put('/registry/pods/theirs');
    await refused(provisioning, /already holds 1 objects of another cluster/, /另一个集群/);
    await client.deletePrefix('/registry/');
    untouched();
  });

  it('is built on it: no member on the master, every object in the etcd that was given', async () => {
    const made = await provisioned();
    expect(made.ok).toBe(true);
    config = new KubeConfig();
    config.loadFromFile(made.kubeconfigPath);
    const core = config.makeApiClient(CoreV1Api);
    const nodes = await core.listNode();
    expect(nodes.items.map(({ metadata }) => metadata?.name).sort()).toEqual(lab.machines.map((each) => each.name));
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'kept' }, data: { a: 'b' } } });
    expect(await keysBelow('/registry/configmaps/default/kept')).toBe(1);
    expect(
      await runOnMachine(master(), 'pgrep -x etcd; systemctl is-enabled pilothouse-etcd 2>&1 | head -n1; true'),
    ).not.toMatch(/^\d|enabled/m);
    expect((await provisioned()).steps.filter(({ state }) => state !== 'skipped')).toEqual([]);
  });

  it('is backed up and proved, also by the bare snapshot before an upgrade', async () => {
    const made = await cli<{ proof: { objects: number } }>(
      'backup',
      'create',
      '-c',
      name,
      '--at',
      join(folder, 'kept'),
    );
    expect(made.proof.objects).toBeGreaterThan(20);
    const spec = readClusterFile(readFileSync(clusterFile, 'utf8'), { baseDir: folder });
    const place = await backUpFirst(spec, 'snapshot', { home: env.PILOTHOUSE_HOME });
    const path = place?.split(':')[1] ?? '';
    const hashes = `head -c -32 ${path} | sha256sum | cut -d' ' -f1; tail -c 32 ${path} | od -An -vtx1 | tr -d ' \\n'`;
    const [mode, computed, kept] = (await runOnMachine(master(), `stat -c '%a %U' ${path}; ${hashes}`)).split('\n');
    expect([mode, kept]).toEqual(['600 root', computed]);
  });

  it('goes on without one member of three, and with certificates that were renewed, without a restart', async () => {
    const pid = (): Promise<string> => runOnMachine(master(), 'systemctl show -P MainPID pilothouse-control-plane');
    const before = await pid();
    const authority = { cert: etcd.pki.etcdCa.cert, key: readFileSync(join(etcd.pki.dir, 'etcd/ca.key'), 'utf8') };
    const renewed = await issueCertificate(authority, { commonName: 'renewed', usages: ['client'] });
    writeCredentials(renewed.cert, renewed.key);
    const again = await provisioned();
    const changed = again.steps.filter(({ state }) => state !== 'skipped').map(({ id }) => id);
    expect(changed).toEqual([`certificates@${master().name}`]);
    expect(await runOnMachine(master(), 'cat /etc/pilothouse/pki/etcd-external/client.crt')).toBe(renewed.cert);
    etcd.kill(await etcd.leader());
    const core = config.makeApiClient(CoreV1Api);
    await until('a write without that member', () =>
      core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'after' } } }).then(
        () => true,
        () => false,
      ),
    );
    expect((await core.readNamespacedConfigMap({ namespace, name: 'kept' })).data).toEqual({ a: 'b' });
    expect(await pid()).toBe(before);
  });

  it('leaves the members to their owner: recovery and restore are refused with the way there', async () => {
    await refused(['recover', '-c', name, '--dry-run'], /etcd is external/, /外部 etcd/);
    await refused(
      ['restore', 'any', '-c', name, '--at', join(folder, 'kept'), '--yes'],
      /etcd is external/,
      /外部 etcd/,
    );
  });

  it('leaves as it came: machines bare, keys where they were until they are to go too', async () => {
    describeCluster({ endpoints: await wellEndpoints() });
    const left = await runCli(['deprovision', '-f', clusterFile], env);
    expect(left.code, left.stderr).toBe(0);
    expect(left.stderr + left.stdout).toContain('--erase-etcd');
    untouched();
    const kept = await keysBelow('/registry/');
    expect(kept).toBeGreaterThan(20);
    await refused(['provision', '-f', clusterFile], /objects of another cluster/, /另一个集群/);
    expect(await keysBelow('/registry/')).toBe(kept);
    await client.deletePrefix('/registry/');
    expect((await provisioned()).ok).toBe(true);
    expect(await keysBelow('/registry/')).toBeGreaterThan(20);
    await cli('deprovision', '-f', clusterFile, '--erase-etcd');
    expect(await keysBelow('/')).toBe(0);
    untouched();
  });

  async function wellEndpoints(): Promise<string[]> {
    return (await client.health()).filter(({ healthy }) => healthy).map(({ endpoint }) => endpoint);
  }
});
