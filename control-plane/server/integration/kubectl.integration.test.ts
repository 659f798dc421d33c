// An upstream kubectl against a listening server: what a newcomer types must work unchanged.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requires } from '../../../test/support/requirements.ts';
import { runCommand } from '../../../test/support/run-command.ts';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';

const manifest = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: red}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: applied}
spec:
  replicas: 2
  selector: {matchLabels: {app: applied}}
  template:
    metadata: {labels: {app: applied}}
    spec: {containers: [{name: main, image: nginx}]}
`;

requires('kubectl')('kubectl', () => {
  let running: RunningServer;
  let file: string;
  const kubectl = (...args: string[]): Promise<string> =>
    runCommand('kubectl', ['--cache-dir', join(dirname(running.kubeconfigPath), 'cache'), ...args], {
      KUBECONFIG: running.kubeconfigPath,
    });

  beforeAll(async () => {
    running = await startServer();
    file = join(dirname(running.kubeconfigPath), 'manifest.yaml');
    await writeFile(file, manifest);
    await kubectl('create', 'serviceaccount', 'default');
  });
  afterAll(() => running.close());

  it('finds every resource', async () => {
    const names = (await kubectl('api-resources', '-o', 'name')).split('\n');
    expect(names).toEqual(
      expect.arrayContaining([
        'pods',
        'deployments.apps',
        'customresourcedefinitions.apiextensions.k8s.io',
        'events.events.k8s.io',
      ]),
    );
    expect(await kubectl('version', '-o', 'json')).toContain('"gitVersion": "v1.36');
  });

  it('creates by protobuf: deployments, services, tokens, roles', async () => {
    await kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=2');
    await kubectl('expose', 'deployment', 'web', '--port=80');
    expect(await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}')).toMatch(/^10\.96\./);
    expect((await kubectl('create', 'token', 'default')).split('.')).toHaveLength(3);
    await kubectl('create', 'clusterrolebinding', 'bob', '--clusterrole=view', '--user=bob');
    expect(await kubectl('auth', 'can-i', 'list', 'pods', '--as=bob')).toBe('yes\n');
    expect(await kubectl('auth', 'whoami')).toContain('kubernetes-admin');
  });

  it('applies with validation, shows what differs, applies again', async () => {
    await kubectl('apply', '-f', file);
    await writeFile(file, manifest.replace('red', 'blue'));
    await expect(kubectl('diff', '-f', file)).rejects.toThrow('+  colour: blue');
    expect(await kubectl('apply', '-f', file)).toContain('configmap/settings configured');
    expect(await kubectl('apply', '-f', file)).toContain('configmap/settings unchanged');
    await writeFile(file, manifest.replace('replicas', 'replicsa'));
    await expect(kubectl('apply', '-f', file)).rejects.toThrow('unknown field "spec.replicsa"');
  });

  it('applies on the server and meets conflicts', async () => {
    await writeFile(file, manifest);
    await kubectl('apply', '--server-side', '-f', file);
    await kubectl('scale', 'deployment/applied', '--replicas=3');
    await expect(kubectl('apply', '--server-side', '-f', file)).rejects.toThrow(/conflict/);
    await kubectl('apply', '--server-side', '--force-conflicts', '-f', file);
    expect(await kubectl('get', 'configmap', 'settings', '-o', 'yaml', '--show-managed-fields')).toContain(
      'operation: Apply',
    );
  });

  it('scales, sets, annotates, patches, describes and explains', async () => {
    await kubectl('scale', 'deployment/web', '--replicas=5');
    await kubectl('set', 'image', 'deployment/web', 'nginx=nginx:2');
    await kubectl('annotate', 'deployment', 'web', 'note=yes');
    await kubectl('patch', 'deployment', 'web', '-p', '{"spec":{"minReadySeconds":1}}');
    const described = await kubectl('describe', 'deployment', 'web');
    expect(described).toContain('5 desired');
    expect(described).toContain('nginx:2');
    expect(await kubectl('explain', 'deployment.spec.replicas')).toContain('<integer>');
    expect(await kubectl('get', 'deployments')).toMatch(/NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE/);
  });

  it('waits for deletions, and deletes by label', async () => {
    await kubectl('label', 'configmap', 'settings', 'sweep=yes');
    expect(await kubectl('delete', 'configmap', '-l', 'sweep=yes')).toContain('"settings" deleted');
    await kubectl('delete', '-f', file, '--ignore-not-found', '--timeout=10s');
    await expect(kubectl('get', 'deployment', 'applied')).rejects.toThrow('not found');
  });
});
