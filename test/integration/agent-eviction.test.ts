// A node that runs short softly: what is short must stay so for a while, the greediest pod goes with a grace of its own,
// and what it leaves behind is seen before anybody else has to go. Real Docker, control plane and agent.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { nodes, pods } from '../../agent/kubelet/resources.ts';
import { events } from '../../api/kinds/core/index.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { hasPhase, isReady, shell, statusOf } from '../support/pods.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const mebibyte = 1024 * 1024;
/** The agent looks at its node every ten seconds: this one every half. */
const hurriedLooks = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    import timers from 'node:timers';
    import { syncBuiltinESMExports } from 'node:module';
    const { setTimeout } = timers;
    timers.setTimeout = (run, ms, ...rest) => setTimeout(run, ms === 10_000 ? 500 : ms, ...rest);
    syncBuiltinESMExports();`)}`,
];

requires('docker')('a node that runs short softly', () => {
  let node: AgentNode;
  afterEach(() => node?.close());

  const holds = (name: string, mebibytes: number, spec: Partial<Pod['spec']> = {}): Promise<unknown> => {
    const write = `dd if=/dev/zero of=/data/file bs=1048576 count=${mebibytes}`;
    const script = `trap 'sleep 1; exit 42' TERM; ${write}; while :; do sleep 0.1; done`;
    return node.client.resource(pods, 'default').create({
      metadata: { name, namespace: 'default' },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 600,
        containers: [shell(script, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
        volumes: [{ name: 'data', emptyDir: {} }],
        ...spec,
      },
    } as never);
  };

  it('evicts the greediest pod after the grace period, lets it end by itself, and spares the others', async () => {
    node = await startAgentNode({
      dataDirBytes: 64 * mebibyte,
      nodeFlags: hurriedLooks,
      agentFlags: [
        '--eviction-hard=memory.available<1Mi',
        '--eviction-soft=nodefs.available<32Mi',
        '--eviction-soft-grace-period=nodefs.available=2s',
        '--eviction-max-pod-grace-period=60',
      ],
    });
    await holds('modest', 4);
    const modest = await node.podWhen('modest', 'to be ready', isReady);
    await holds('greedy', 40);
    const greedy = await node.podWhen('greedy', 'to be evicted', hasPhase('Failed'));
    expect(greedy.status).toMatchObject({
      reason: 'Evicted',
      message: expect.stringMatching(
        /^The node was low on resource: ephemeral-storage\. Threshold quantity: 32Mi, available: \d+Mi\. The pod was using 4\dMi, request is 0Mi\.$/,
      ) as string,
    });
    expect(statusOf(greedy)?.state?.terminated?.exitCode).toBe(42);
    expect(greedy.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
    });
    await until('the event', async () => {
      const { items } = await node.client.resource(events, 'default').list();
      return items.some(({ reason, involvedObject }) => reason === 'Evicted' && involvedObject.name === 'greedy');
    });
    await until('the node to say so', async () => {
      const { status } = await node.client.resource(nodes).get('node-1');
      return status?.conditions?.some((one) => one.type === 'DiskPressure' && one.status === 'True');
    });
    await until('its volume to be gone', async () => {
      const { bavail, bsize } = await statfs(join(node.folder, 'agent'));
      return bavail * bsize > 32 * mebibyte;
    });
    const after = await node.client.resource(pods, 'default').get('modest');
    expect(isReady(after)).toBe(true);
    expect(statusOf(after)?.containerID).toBe(statusOf(modest)?.containerID);
  });
});
