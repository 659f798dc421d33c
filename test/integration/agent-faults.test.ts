// What the agent promises when things break: containers run on, nothing is deleted on stale knowledge, and everything is
// found again. Real Docker, the real control plane and the real agent.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pods } from '../../agent/kubelet/resources.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const sleeper = (
  name: string,
  spec: Partial<Pod['spec']> = {},
): Parameters<ReturnType<AgentNode['client']['resource']>['create']>[0] =>
  ({
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: busyboxImage, command: ['sleep', '1000'] }],
      ...spec,
    },
  }) as never;

const isReady = (pod: Pod): boolean => pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
const restarts = (pod: Pod): number => pod.status?.containerStatuses?.[0]?.restartCount ?? 0;

requires('docker')('a node of which something breaks', () => {
  let node: AgentNode;
  beforeAll(async () => {
    node = await startAgentNode();
  });
  afterAll(() => node?.close());

  const run = async (name: string, spec: Partial<Pod['spec']> = {}): Promise<Pod> => {
    await node.client.resource(pods, 'default').create(sleeper(name, spec) as never);
    return node.podWhen(name, 'to be ready', isReady);
  };
  const remove = async (name: string): Promise<void> => {
    await node.client.resource(pods, 'default').delete(name);
    await until(`${name} to be gone`, async () => {
      const left = await node.client.resource(pods, 'default').list();
      return left.items.every(({ metadata }) => metadata.name !== name);
    });
  };

  it('adopts its containers after the agent was killed, without touching them or their readiness', async () => {
    const before = await run('adopted');
    const ids = await node.runningIds();
    await node.endAgent('SIGKILL');
    expect(await node.runningIds()).toEqual(ids);
    node.startAgent();
    await until(
      'the new agent to have registered',
      async () => (await node.agentLog()).split('the node is registered').length > 2,
    );
    const second = await run('second');
    expect(second.status?.phase).toBe('Running');
    expect((await node.runningIds()).filter((id) => ids.includes(id))).toEqual(ids);
    const after = await node.client.resource(pods, 'default').get('adopted');
    expect(after.status?.containerStatuses).toEqual(before.status?.containerStatuses);
    expect(after.status?.conditions).toEqual(before.status?.conditions);
    await remove('adopted');
    await remove('second');
  });

  it('starts a container again that was killed, in the same sandbox with the same address', async () => {
    const before = await run('killed');
    const id = before.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '';
    await node.docker.docker.getContainer(id).kill({ signal: 'SIGKILL' });
    const after = await node.podWhen('killed', 'one restart', (pod) => restarts(pod) === 1 && isReady(pod));
    expect(after.status?.podIP).toBe(before.status?.podIP);
    expect(after.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'Error',
    });
    await remove('killed');
  });

  it('makes a pod anew whose sandbox was killed', async () => {
    const before = await run('beheaded');
    const [sandbox] = await node.docker.docker.listContainers({
      filters: { label: ['pilothouse.io/kind=sandbox', `io.kubernetes.pod.uid=${before.metadata.uid}`] },
    });
    await node.docker.docker.getContainer(sandbox?.Id ?? '').kill({ signal: 'SIGKILL' });
    const after = await node.podWhen('beheaded', 'to run again', (pod) => restarts(pod) === 1 && isReady(pod));
    expect(after.status?.podIP).toBe(before.status?.podIP);
    await remove('beheaded');
  });

  it('goes on when Docker is killed and comes back', async () => {
    await run('through');
    const ids = await node.runningIds();
    await node.docker.kill('SIGKILL');
    await node.docker.start();
    const after = await run('afterwards');
    expect(after.status?.phase).toBe('Running');
    expect((await node.runningIds()).filter((id) => ids.includes(id))).toEqual(ids);
    expect(restarts(await node.client.resource(pods, 'default').get('through'))).toBe(0);
    await remove('through');
    await remove('afterwards');
  });

  it('removes on its return what was deleted while it was away', async () => {
    await run('orphan');
    await node.endAgent('SIGKILL');
    await node.client.resource(pods, 'default').delete('orphan', { gracePeriodSeconds: 0 });
    expect(await node.runningIds()).not.toEqual([]);
    node.startAgent();
    await until('the orphan to be gone', async () => (await node.runningIds()).length === 0);
    await until('its folder to be gone', () => !node.machine.run('ls', `${node.folder}/agent/pods`).trim());
  });

  it('deletes nothing while the API is away, not even after a restart of its own', async () => {
    await run('lonely');
    const ids = await node.runningIds();
    await node.endControlPlane('SIGKILL');
    await node.endAgent('SIGKILL');
    node.startAgent();
    await new Promise((resolve) => setTimeout(resolve, 5_000)); // long enough for a hasty agent to act
    expect(await node.runningIds()).toEqual(ids);
  });
});
