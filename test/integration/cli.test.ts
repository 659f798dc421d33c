// The contract of the command line: exit codes, one JSON document, and an end within five seconds of SIGTERM with all
// children.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, runCliJson } from '../support/cli.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

function apiOf(kubeconfigPath: string): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return config.makeApiClient(CoreV1Api);
}

describe('pilothouse', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'pilothouse-cli-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it.each([
    [['nonsense'], 2],
    [['lab', 'up', '--masters', 'many'], 2],
    [['control-plane', '--data-dir', '/tmp/x'], 2],
    [['control-plane', '--memory', '--embedded-etcd', '--data-dir', '/tmp/x'], 2],
    [['agent', '--node-name', 'a'], 2],
    [['hollow-nodes', '--count', 'none', '--kubeconfig', '/nowhere'], 2],
    [['provision', '-f', '/nowhere/cluster.yaml'], 2],
    [['provision'], 2],
    [['--version'], 0],
    [['--help'], 0],
    [['doctor'], 0],
  ])('%j ends with %i', async (args, code) => {
    const result = await runCli(args, { PILOTHOUSE_HOME: home });
    expect(result).toMatchObject({ code });
    if (code === 2) expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  it('prints one JSON document of a lab that does not exist', async () => {
    const status = await runCliJson<{ state: string }>(['lab', 'status', '--name', 'nowhere'], {
      PILOTHOUSE_HOME: home,
    });
    expect(status.state).toBe('absent');
  });
});

requires('etcd')('pilothouse control-plane --embedded-etcd', () => {
  it('serves the API, keeps what it acknowledged over SIGKILL, and ends etcd with itself on SIGTERM', async () => {
    const controlPlane = await startControlPlane({ store: 'embedded-etcd' });
    try {
      const api = apiOf(controlPlane.kubeconfigPath);
      await api.createNamespacedConfigMap({
        namespace: 'default',
        body: { metadata: { name: 'kept' }, data: { a: '1' } },
      });
      controlPlane.process.kill('SIGKILL');
      await controlPlane.restart();
      const kept = await until('the API after the restart', () =>
        api.readNamespacedConfigMap({ name: 'kept', namespace: 'default' }),
      );
      expect(kept.data).toEqual({ a: '1' });
      const { pid } = controlPlane.process;
      const etcd = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
        .trim()
        .split(/\s+/);
      expect(etcd.length).toBeGreaterThan(0);
      const begun = performance.now();
      await controlPlane.stop();
      expect(performance.now() - begun).toBeLessThan(5000);
      for (const child of etcd)
        expect(existsSync(`/proc/${child}/stat`) && !readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z')).toBe(
          false,
        );
    } finally {
      await controlPlane.close();
    }
  });
});

describe('pilothouse control-plane --memory with hollow nodes', () => {
  it('runs a workload from the API to running pods, with no root, Docker or etcd', async () => {
    const controlPlane = await startControlPlane({ store: 'memory', hollowNodes: 3 });
    try {
      const api = apiOf(controlPlane.kubeconfigPath);
      await until('three ready nodes', async () => {
        const { items } = await api.listNode();
        return (
          items.length === 3 &&
          items.every((node) => node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'))
        );
      });
      const body = { metadata: { name: 'alone' }, spec: { containers: [{ name: 'main', image: 'example/app:1' }] } };
      await api.createNamespacedPod({ namespace: 'default', body });
      await until(
        'the pod to run',
        async () => (await api.readNamespacedPod({ name: 'alone', namespace: 'default' })).status?.phase === 'Running',
      );
    } finally {
      await controlPlane.close();
    }
  });
});
