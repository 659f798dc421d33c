// The end-to-end road on real virtual machines with their own kernels (`npm run test:vm`): one master and two workers
// under QEMU, made and provisioned by `lab up --machines vm`, then used as any Kubernetes client would.
import { AppsV1Api, CoreV1Api, Exec, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LabStatus } from '../../provisioning/index.ts';
import { runCli, runCliJson } from '../support/cli.ts';
import { firstOfFollowedLog } from '../support/follow-log.ts';
import { requires } from '../support/requirements.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';

const home = mkdtempSync(join(tmpdir(), 'pilothouse-vm-'));
const name = `vm${process.pid % 10_000}`;
const namespace = 'default';
const patienceMs = 600_000; // software emulation: everything takes ten times as long
const labels = { app: 'web' };
const container = {
  name: 'main',
  image: 'pilothouse.local/sample-web:1',
  ports: [{ name: 'http', containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 2, timeoutSeconds: 10 },
};
const spread = {
  maxSkew: 1,
  topologyKey: 'kubernetes.io/hostname',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: labels },
};

requires('lab')('a cluster on virtual machines', () => {
  const config = new KubeConfig();
  let lab: LabStatus;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  const readyPods = async (count: number): Promise<V1Pod[] | undefined> => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
    const ready = items.filter((pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
    return ready.length === count ? ready : undefined;
  };
  const execIn = async (pod: V1Pod, ...command: string[]): Promise<string> => {
    let output = '';
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        output += chunk.toString();
        done();
      },
    });
    await new Promise((resolve, reject) => {
      new Exec(config)
        .exec(namespace, pod.metadata?.name ?? '', 'main', command, sink, sink, null, false, resolve)
        .catch(reject);
    });
    return output;
  };

  beforeAll(async () => {
    lab = await runCliJson<LabStatus>(
      ['lab', 'up', '--name', name, '--machines', 'vm', '--masters', '1', '--workers', '2'],
      { PILOTHOUSE_HOME: home },
    );
    config.loadFromFile(lab.kubeconfigPath ?? '');
    core = config.makeApiClient(CoreV1Api);
    apps = config.makeApiClient(AppsV1Api);
    const template = { metadata: { labels }, spec: { containers: [container], topologySpreadConstraints: [spread] } };
    await apps.createNamespacedDeployment({
      namespace,
      body: { metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: labels }, template } },
    });
    await core.createNamespacedService({
      namespace,
      body: {
        metadata: { name: 'web' },
        spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 'http' }] },
      },
    });
    await until('two ready pods', () => readyPods(2), patienceMs, 1_000);
  });
  afterAll(async () => {
    await runCli(['lab', 'down', '--name', name], { PILOTHOUSE_HOME: home });
    rmSync(home, { recursive: true, force: true });
  });

  it('has three Ready nodes with kernels of their own', async () => {
    const { items } = await core.listNode();
    expect(items.map((node) => node.metadata?.name).sort()).toEqual(['master-1', 'worker-1', 'worker-2']);
    for (const node of items)
      expect(node.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    for (const machine of lab.machines)
      expect(await runOnMachine(machine, 'systemd-detect-virt')).not.toContain('nspawn');
  });

  it('runs one replica on each worker, and a pod reaches the other through the Service name', async () => {
    const [first, second] = (await readyPods(2)) ?? [];
    if (first === undefined || second === undefined) throw new Error('two pods were ready a moment ago');
    expect(new Set([first.spec?.nodeName, second.spec?.nodeName])).toEqual(new Set(['worker-1', 'worker-2']));
    const ask = (): Promise<string> =>
      execIn(first, 'timeout', '10', 'wget', '-q', '-O', '-', `http://web.${namespace}.svc.cluster.local/`);
    await until(
      'an answer from the other machine',
      async () => (await ask()).includes(second.metadata?.name ?? '?'),
      patienceMs,
      500,
    );
  });

  it('answers on the NodePort of every machine, from the host', async () => {
    const port = (await core.readNamespacedService({ name: 'web', namespace })).spec?.ports?.[0]?.nodePort;
    for (const { name: machine, address } of lab.machines) {
      const page = await until(
        `NodePort on ${machine}`,
        async () => (await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(20_000) })).text(),
        patienceMs,
        1_000,
      );
      expect(page).toContain('web-');
    }
  });

  it('follows logs, scales, and deletes', async () => {
    const [pod] = (await readyPods(2)) ?? [];
    expect(await firstOfFollowedLog(lab.kubeconfigPath ?? '', namespace, pod?.metadata?.name ?? '')).toContain(
      'serving on port',
    );
    await apps.patchNamespacedDeploymentScale({
      name: 'web',
      namespace,
      body: [{ op: 'replace', path: '/spec/replicas', value: 4 }],
    });
    await until('four ready pods', () => readyPods(4).catch(() => undefined), patienceMs, 1_000);
    await apps.deleteNamespacedDeployment({ name: 'web', namespace });
    await until(
      'no pods',
      async () => (await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items.length === 0,
      patienceMs,
      1_000,
    );
  });
});
