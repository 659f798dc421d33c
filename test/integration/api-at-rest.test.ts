// The API server as a process with its flags for what outlives requests: encryption at rest and the audit log.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEtcdClient, startEmbeddedEtcd, type EmbeddedEtcd, type EtcdClient } from '../../machinery/etcd/index.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { ensurePki, type Pki } from '../../machinery/pki/index.ts';
import { startApiProcess, type ApiProcess } from '../support/api-process.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const namespace = 'default';
const auditPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: Metadata, users: [kubernetes-admin], resources: [{group: '', resources: [secrets]}]}
`;
const encryption = (...keys: (readonly [name: string, secret: Buffer])[]): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - secretbox: {keys: [${keys.map(([name, secret]) => `{name: ${name}, secret: ${secret.toString('base64')}}`).join()}]}
      - identity: {}
`;

requires('etcd')('an API server with encryption and audit', () => {
  let folder: string;
  let etcd: EmbeddedEtcd;
  let raw: EtcdClient;
  let pki: Pki;
  let server: ApiProcess | undefined;
  const file = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-at-rest-'));
    pki = await ensurePki(file('pki'), { apiServerSans: ['127.0.0.1'] });
    const client = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    etcd = await startEmbeddedEtcd({ dataDir: file('etcd'), pkiDir: pki.dir, client, logger: silentLogger });
    raw = createEtcdClient(etcd.access);
  });
  afterAll(async () => {
    await server?.close();
    raw?.close();
    await etcd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<CoreV1Api> => {
    const flags = [
      `--encryption-provider-config=${file('encryption.yaml')}`,
      `--audit-policy-file=${file('policy.yaml')}`,
      `--audit-log-path=${file('audit.log')}`,
    ];
    server = await startApiProcess({ folder, name: 'one', etcd: etcd.access, pkiDir: pki.dir, flags });
    const config = new KubeConfig();
    config.loadFromFile(server.kubeconfigPath);
    return config.makeApiClient(CoreV1Api);
  };
  const stored = async (name: string): Promise<string> =>
    (await raw.range({ key: `/registry/secrets/${namespace}/${name}` })).items[0]?.value.toString('latin1') ?? '';

  it('seals secrets, seals them anew after a rotation, and notes who touched them but not what they hold', async () => {
    const [first, second] = [['one', randomBytes(32)] as const, ['two', randomBytes(32)] as const];
    await writeFile(file('policy.yaml'), auditPolicy);
    await writeFile(file('encryption.yaml'), encryption(first));
    let api = await start();
    await api.createNamespacedSecret({ namespace, body: { metadata: { name: 's' }, stringData: { p: 'hunter2' } } });
    expect(await stored('s')).toMatch(/^k8s:enc:secretbox:v1:one:/);
    await server?.close();

    await writeFile(file('encryption.yaml'), encryption(second, first));
    api = await start();
    await until('the rewrite', async () => (await stored('s')).startsWith('k8s:enc:secretbox:v1:two:'));
    const { data } = await api.readNamespacedSecret({ name: 's', namespace });
    expect(Buffer.from(data?.['p'] ?? '', 'base64').toString()).toBe('hunter2');
    await server?.close();

    const lines = (await readFile(file('audit.log'), 'utf8')).trim().split('\n');
    const events = lines.map(
      (line) => JSON.parse(line) as { verb: string; objectRef: object; user: { username: string } },
    );
    expect(events.map(({ verb }) => verb)).toEqual(expect.arrayContaining(['create', 'get']));
    for (const { user } of events) expect(user.username).toBe('kubernetes-admin');
    expect(lines.join()).not.toContain(Buffer.from('hunter2').toString('base64'));
    expect(lines.join()).not.toContain('hunter2');
  });
});
