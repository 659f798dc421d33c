// Pods from a folder on the machine: they run, are shown in the API, follow their file, and need no API to run.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pods } from '../../agent/kubelet/resources.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { isReady, statusOf } from '../support/pods.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

requires('docker')('static pods', () => {
  let node: AgentNode;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-manifests-'));
    node = await startAgentNode({ agentFlags: ['--manifest-dir', folder] });
  });
  afterAll(async () => {
    await node?.close();
    await rm(folder, { recursive: true });
  });

  const write = async (words: string): Promise<void> => {
    const container = { name: 'app', image: busyboxImage, command: ['sh', '-c', `echo ${words}; sleep 100000`] };
    const spec = { hostNetwork: true, terminationGracePeriodSeconds: 1, containers: [container] };
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'fixed' }, spec };
    await writeFile(join(folder, '.fixed.json'), JSON.stringify(manifest));
    await rename(join(folder, '.fixed.json'), join(folder, 'fixed.json'));
  };
  const name = 'fixed-node-1';
  const logs = async (): Promise<string> => {
    const path = `/api/v1/namespaces/default/pods/${name}/log`;
    return (await node.client.request({ method: 'GET', path })).text();
  };

  it('run and are shown in the API, with their logs', async () => {
    await write('first');
    const picture = await node.podWhen(name, 'to be ready', isReady);
    expect(picture.metadata.ownerReferences).toMatchObject([{ kind: 'Node', name: 'node-1' }]);
    expect(await logs()).toBe('first\n');
  });

  it('outlive the removal of their picture, which comes back', async () => {
    const before = await node.client.resource(pods, 'default').get(name);
    const ids = await node.runningIds();
    await node.client.resource(pods, 'default').delete(name, { gracePeriodSeconds: 0 });
    const after = await node.podWhen(
      name,
      'to be shown again',
      (pod) => pod.metadata.uid !== before.metadata.uid && isReady(pod),
    );
    expect(statusOf(after)?.containerID).toBe(statusOf(before)?.containerID);
    expect(await node.runningIds()).toEqual(ids);
  });

  it('are made anew when their file changes', async () => {
    const before = await node.client.resource(pods, 'default').get(name);
    const ids = await node.runningIds();
    await write('second');
    await node.podWhen(name, 'to be the new one', (pod) => pod.metadata.uid !== before.metadata.uid && isReady(pod));
    await until('its log', async () => (await logs()) === 'second\n');
    // Without the API an agent ends nothing that it does not know: the next test begins with the old one gone.
    await until('the old one to be gone', async () => (await node.runningIds()).every((id) => !ids.includes(id)));
  });

  it('run without the API, also under a new agent', async () => {
    const ids = await node.runningIds();
    await node.endControlPlane('SIGKILL');
    await node.endAgent('SIGKILL');
    const [app] = await node.docker.docker.listContainers({ filters: { label: ['pilothouse.io/kind=container'] } });
    await node.docker.docker.getContainer(app?.Id ?? '').kill();
    node.startAgent();
    await until('it to be started again', async () => {
      const running = await node.runningIds();
      return running.length === ids.length && !running.includes(app?.Id ?? '');
    });
  });

  it('end when their file is removed', async () => {
    await rm(join(folder, 'fixed.json'));
    await until('nothing to run', async () => (await node.runningIds()).length === 0);
  });
});
