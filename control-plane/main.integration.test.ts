// The control plane as processes: restarts, kills, and two of them on one etcd.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { configMaps, nodes, pods, serviceAccounts } from '../api/kinds/core/index.ts';
import type { ConfigMap, Node, Pod } from '../api/kinds/core/index.ts';
import { leases } from '../api/kinds/coordination/index.ts';
import type { Draft } from '../api/meta/object-meta.ts';
import { startEmbeddedEtcd } from '../machinery/etcd/index.ts';
import { clusterOf, loadKubeconfig } from '../machinery/kubeconfig.ts';
import { silentLogger } from '../machinery/logger.ts';
import { ensurePki } from '../machinery/pki/index.ts';
import { createRestClient } from '../machinery/rest-client.ts';
import type { RestClient } from '../machinery/rest-client.ts';
import { createHttpsTransport } from '../machinery/transport/https.ts';
import { requires } from '../test/support/requirements.ts';

const program = join(import.meta.dirname, '../cli/programs/control-plane.ts');

interface Running {
  readonly child: ChildProcess;
  readonly client: RestClient;
  /** Resolves with how long the process took to end after the signal. */
  end(signal: NodeJS.Signals): Promise<number>;
}

requires('etcd')('the control plane as a process', () => {
  let folder: string;
  const cleanups: (() => unknown)[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-main-'));
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    await rm(folder, { recursive: true });
  });

  async function start(name: string, ...flags: string[]): Promise<Running> {
    const kubeconfig = join(folder, `${name}.kubeconfig`);
    const args = [
      program,
      '--listen=127.0.0.1:0',
      `--data-dir=${join(folder, name)}`,
      `--kubeconfig-out=${kubeconfig}`,
      ...flags,
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
    await vi.waitFor(
      () => {
        if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
        expect(output).toContain('control plane ready at');
      },
      { timeout: 20_000, interval: 20 },
    );
    const client = createRestClient({ transport: createHttpsTransport(clusterOf(loadKubeconfig(kubeconfig))) });
    const end = async (signal: NodeJS.Signals): Promise<number> => {
      client.close();
      const startedMs = performance.now();
      if (child.exitCode === null) child.kill(signal);
      await exited;
      return performance.now() - startedMs;
    };
    cleanups.push(() => (child.signalCode === null ? end('SIGKILL') : undefined));
    return { child, client, end };
  }

  const configMapNamed = (name: string): Draft<ConfigMap> => ({ metadata: { name }, data: { a: 'b' } });

  it('keeps what it was told across a kill, restarts on its own data, and ends within five seconds', async () => {
    const first = await start('one', '--embedded-etcd');
    await first.client.resource(configMaps, 'default').create(configMapNamed('kept'));
    await first.end('SIGKILL');
    const second = await start('one', '--embedded-etcd');
    expect(await second.client.resource(configMaps, 'default').get('kept')).toMatchObject({ data: { a: 'b' } });
    const etcdPid = Number((await readFile(join(folder, 'one/etcd/pilothouse-etcd.pid'), 'utf8')).split(' ')[0]);
    expect(await second.end('SIGTERM')).toBeLessThan(5_000);
    expect(() => process.kill(etcdPid, 0)).toThrow('ESRCH');
  });

  it('answers again after its etcd was killed', async () => {
    const { client } = await start('one', '--embedded-etcd');
    await client.resource(configMaps, 'default').create(configMapNamed('before'));
    const pidFile = join(folder, 'one/etcd/pilothouse-etcd.pid');
    const etcdPid = Number((await readFile(pidFile, 'utf8')).split(' ')[0]);
    process.kill(etcdPid, 'SIGKILL');
    await vi.waitFor(() => client.resource(configMaps, 'default').create(configMapNamed('after')), {
      timeout: 15_000,
      interval: 100,
    });
    const { items } = await client.resource(configMaps, 'default').list();
    expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['before', 'after']));
  });

  it('works as two masters on one etcd: both see every write at once, and one takes over from the other', async () => {
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: ['127.0.0.1'] });
    const client = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    const etcd = await startEmbeddedEtcd({
      dataDir: join(folder, 'etcd'),
      pkiDir: pki.dir,
      client,
      logger: silentLogger,
    });
    cleanups.push(() => etcd.stop());
    const flags = [`--etcd=${etcd.access.endpoints.join(',')}`, `--pki-dir=${pki.dir}`];
    const one = await start('one', ...flags);
    const two = await start('two', ...flags);
    for (let i = 0; i < 10; i++) {
      const [writer, reader] = i % 2 ? [one, two] : [two, one];
      await writer.client.resource(configMaps, 'default').create(configMapNamed(`shared-${i}`));
      expect(await reader.client.resource(configMaps, 'default').get(`shared-${i}`)).toBeDefined();
    }

    const holder = async (running: Running): Promise<string> =>
      (await running.client.resource(leases, 'kube-system').get('kube-scheduler')).spec?.holderIdentity ?? '';
    const leading = await holder(two);
    expect(leading).not.toBe('');
    await one.end('SIGTERM');
    await vi.waitFor(async () => expect(await holder(two)).not.toBe(leading), { timeout: 25_000, interval: 100 });

    const node = { metadata: { name: 'n1' }, status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } } };
    const created = await two.client.resource(nodes).create(node as unknown as Draft<Node>);
    await two.client.resource(nodes).updateStatus({ ...created, status: node.status } as Node);
    await vi.waitFor(() => two.client.resource(serviceAccounts, 'default').get('default'), { timeout: 10_000 });
    const tolerations = [{ operator: 'Exists' }];
    const spec = { containers: [{ name: 'c', image: 'x' }], tolerations };
    await two.client.resource(pods, 'default').create({ metadata: { name: 'p' }, spec } as unknown as Draft<Pod>);
    await vi.waitFor(
      async () => expect((await two.client.resource(pods, 'default').get('p')).spec.nodeName).toBe('n1'),
      { timeout: 10_000, interval: 50 },
    );
  });
});
