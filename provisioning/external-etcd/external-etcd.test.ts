import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../machinery/pki/index.ts';
import { createClusterSpec, formatClusterFile, readClusterFile } from '../cluster-file.ts';
import type { MachineFacts, PreflightCheck } from '../contract.ts';
import { planCluster } from '../plan/plan-cluster.ts';
import { probeChecks } from '../preflight/machine-checks.ts';
import type { Probe } from '../preflight/probe.ts';
import { type EndpointAnswer, type EtcdAnswers, namesAuthority } from './ask.ts';
import { externalEtcdChecks, judgeEtcd } from './checks.ts';
import { credentialProblems, readEtcdCredentials } from './credentials.ts';
import { requireOwnEtcd } from './own.ts';

const external = {
  endpoints: ['https://10.0.0.31:2379', 'https://etcd-2.office.example:2379/'],
  caFile: 'etcd/ca.pem',
  certFile: 'etcd/client.pem',
  keyFile: 'etcd/client-key.pem',
};
const document = (change: object = {}): object => ({
  name: 'demo',
  machines: [
    { name: 'm1', address: '10.0.0.1', role: 'master' },
    { name: 'w1', address: '10.0.0.2', role: 'node' },
  ],
  settings: { etcd: { external: { ...external, ...change } } },
});
const failed = (checks: readonly PreflightCheck[]): string[] => checks.filter(({ ok }) => !ok).map(({ id }) => id);

describe('settings.etcd', () => {
  test('files are beside the cluster file, and what is written reads back the same', () => {
    const spec = createClusterSpec(document(), { baseDir: '/site' });
    expect(spec.settings.etcd?.external).toEqual({
      endpoints: ['https://10.0.0.31:2379', 'https://etcd-2.office.example:2379'],
      caFile: '/site/etcd/ca.pem',
      certFile: '/site/etcd/client.pem',
      keyFile: '/site/etcd/client-key.pem',
    });
    expect(readClusterFile(formatClusterFile(spec), { baseDir: '/elsewhere' })).toEqual(spec);
  });

  test.each([
    ['without TLS', { endpoints: ['http://10.0.0.31:2379'] }, 'endpoints.0'],
    ['without a port', { endpoints: ['https://10.0.0.31'] }, 'endpoints.0'],
    ['with a path', { endpoints: ['https://10.0.0.31:2379/v3'] }, 'endpoints.0'],
    ['with a password', { endpoints: ['https://root:secret@10.0.0.31:2379'] }, 'endpoints.0'],
    ['twice', { endpoints: ['https://10.0.0.31:2379', 'https://10.0.0.31:2379/'] }, 'names one endpoint twice'],
    ['none', { endpoints: [] }, 'endpoints'],
    [
      'inside the pod range',
      { endpoints: ['https://10.244.0.31:2379'] },
      'endpoints.0: 10.244.0.31 lies inside podCidr',
    ],
    ['without a key', { keyFile: undefined }, 'keyFile'],
  ])('an endpoint %s is refused with its place', (_, change, sentence) => {
    expect(() => createClusterSpec(document(change))).toThrow(sentence);
  });
});

describe('the certificates for it', () => {
  let folder: string;
  let ca: Awaited<ReturnType<typeof createAuthority>>;
  let client: { cert: string; key: string };
  const files = { caFile: 'ca', certFile: 'cert', keyFile: 'key' };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-etcd-files-'));
    ca = await createAuthority('etcd');
    client = await issueCertificate(ca, { commonName: 'pilothouse', usages: ['client'], days: 30 });
  });
  afterAll(() => rm(folder, { recursive: true }));
  const problems = (change: object, nowMs?: number): string[] =>
    credentialProblems({ ca: ca.cert, ...client, ...change }, files, nowMs).map(({ en }) => en);

  test('good ones are good', () => expect(problems({})).toEqual([]));

  test('each problem is told with its file, all at once', async () => {
    expect(problems({ ca: 'x', cert: 'y', key: 'z' })).toEqual([
      'ca: holds no certificate in PEM form',
      'cert: holds no certificate in PEM form',
      'key: holds no private key in PEM form that needs no passphrase',
    ]);
    expect(problems({ ca: client.cert })).toEqual(['ca: CN=pilothouse is not an authority (CA:TRUE)']);
    const other = await issueCertificate(ca, { commonName: 'other', usages: ['client'] });
    expect(problems({ key: other.key })).toEqual(['key: is not the key of cert']);
    expect(problems({}, Date.now() + 60 * 86_400_000)).toEqual([
      expect.stringMatching(/^cert: CN=pilothouse ended on /),
    ]);
  });

  test('files that are missing are one failed check of a master, with the remedy, before anything is asked', async () => {
    const spec = createClusterSpec(document(), { baseDir: folder });
    await writeFile(join(folder, 'ca.pem'), ca.cert);
    const etcd = { ...external, caFile: join(folder, 'ca.pem'), certFile: join(folder, 'no.pem') };
    await expect(readEtcdCredentials(etcd)).rejects.toThrow(/no\.pem: ENOENT.*client-key\.pem: ENOENT/);
    const transport = { dial: () => Promise.reject(new Error('nobody was to be asked')) };
    const [master, worker] = spec.machines;
    if (master === undefined || worker === undefined) throw new Error('two machines were given');
    const checks = await externalEtcdChecks(spec, master, transport, folder);
    expect(checks).toMatchObject([{ id: 'etcd-files', ok: false, severity: 'error' }]);
    expect(checks[0]?.remedy?.['zh-CN']).toContain('caFile');
    expect(await externalEtcdChecks(spec, worker, transport, folder)).toEqual([]);
  });
});

describe('what etcd says of itself', () => {
  const well = (change: Partial<EndpointAnswer> = {}): EndpointAnswer => ({
    endpoint: 'https://10.0.0.31:2379',
    isReached: true,
    isHealthy: true,
    version: '3.5.16',
    clusterId: 'cdf818194e3a8c32',
    ...change,
  });
  const empty = { keys: 0, registryKeys: 0, isOurs: false };
  const silent = well({ isReached: false, isHealthy: false, version: '', clusterId: undefined, reason: 'refused' });

  test.each<[string, EtcdAnswers, string[]]>([
    ['an empty etcd is taken', { endpoints: [well()], contents: empty }, []],
    ['our own is taken', { endpoints: [well()], contents: { keys: 9, registryKeys: 9, isOurs: true } }, []],
    [
      "another cluster's is not",
      { endpoints: [well()], contents: { keys: 9, registryKeys: 9, isOurs: false } },
      ['etcd-cluster'],
    ],
    ['one with other keys is not', { endpoints: [well()], contents: { ...empty, keys: 3 } }, ['etcd-others']],
    ['one that does not answer is not', { endpoints: [silent] }, ['etcd-reached']],
    ['one of two that does not answer is told', { endpoints: [well(), silent], contents: empty }, ['etcd-reached']],
    ['an old one is not', { endpoints: [well({ version: '3.3.25' })], contents: empty }, ['etcd-version']],
    ['one without a leader is not', { endpoints: [well({ isHealthy: false, reason: 'no leader' })] }, ['etcd-health']],
    ['two etcds are not one', { endpoints: [well(), well({ clusterId: 'aaaa' })], contents: empty }, ['etcd-one']],
    ['one that may not be read is not', { endpoints: [well()], reason: 'permission denied' }, ['etcd-readable']],
  ])('%s', (_, answers, ids) => {
    const checks = judgeEtcd('m1', answers);
    expect(failed(checks)).toEqual(ids);
    for (const { ok, remedy, message } of checks.filter((check) => !check.ok)) {
      expect(ok).toBe(false);
      expect(message['zh-CN']).toMatch(/[\u4e00-\u9fff]/);
      expect(remedy?.en).toBeTruthy();
      expect(remedy?.['zh-CN']).toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test('a cluster is known by its authority, also while that is rotated', async () => {
    const [ours, next, other] = await Promise.all(['a', 'b', 'c'].map((name) => createAuthority(name)));
    const held = JSON.stringify({ data: { 'ca.crt': ours?.cert } });
    expect(namesAuthority([held], `${next?.cert}${ours?.cert}`)).toBe(true);
    expect(namesAuthority([held], other?.cert ?? '')).toBe(false);
    expect(namesAuthority([], ours?.cert ?? '')).toBe(false);
    expect(namesAuthority([held], '')).toBe(false);
  });
});

describe('a cluster on it', () => {
  const spec = createClusterSpec(document());
  const own = createClusterSpec({ ...document(), settings: {} });

  test('masters run no member: no step for it, and a control plane that waits for none', () => {
    const plan = planCluster(spec);
    expect(plan.steps.filter(({ kind }) => kind === 'etcd')).toEqual([]);
    const needs = plan.steps.find(({ id }) => id === 'control-plane@m1')?.needs;
    expect(needs).toEqual(expect.arrayContaining(['certificates@m1', 'firewall@m1', 'programs@m1', 'kubeconfig']));
    expect(plan.notes.map(({ key }) => key)).toContain('plan.note.externalEtcd');
    expect(planCluster(own).steps.map(({ id }) => id)).toContain('etcd@m1');
  });

  test('ports and disk of a member do not matter, and a running cluster keeps its kind of etcd', () => {
    const [master] = spec.machines;
    if (master === undefined) throw new Error('two machines were given');
    const probe: Probe = {
      isSystemd: true,
      foreignPorts: [2379, 2380],
      missingKernelFeatures: [],
      otherClusters: [],
      foreignContainers: 0,
      packageLockHolder: '',
      fsyncP99Ms: 500,
    };
    const facts = { kernel: '6.1' } as MachineFacts;
    const ids = (of: typeof spec, change: Partial<Probe> = {}): string[] =>
      failed(probeChecks(of, master, facts, { ...probe, ...change }));
    expect(ids(spec)).toEqual([]);
    expect(ids(own)).toEqual(['ports', 'fsync']);
    expect(ids(spec, { etcd: 'external' })).toEqual([]);
    expect(ids(spec, { etcd: 'own' })).toEqual(['etcd-kind']);
    expect(ids(own, { etcd: 'external', foreignPorts: [], fsyncP99Ms: 1 })).toEqual(['etcd-kind']);
  });

  test('what only the owner of the members can do is refused with the way there', () => {
    expect(() => requireOwnEtcd(spec)).toThrow(/external.*10\.0\.0\.31/);
    expect(() => requireOwnEtcd(own)).not.toThrow();
  });
});
