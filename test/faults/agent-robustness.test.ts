// What pods may count on when their node's parts fail: Docker killed, hung or restarted, the agent replaced, the disk full,
// the clock stepped, the API hung or gone. Real Docker, control plane and agent; each fault is made, not simulated.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { leaseNamespace } from '../../agent/kubelet/node/heartbeat.ts';
import { leases, nodes, pods } from '../../agent/kubelet/resources.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { isReady, shell, statusOf } from '../support/pods.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const sleeper = 'sleep 100000';
const crasher = 'echo begun; while [ ! -e /tmp/stop ]; do sleep 0.1; done; exit 1';
/** `npm test` takes a sample of a few seconds; all of it takes minutes: npm run test:faults. */
const notNow = Object.assign(() => undefined, { each: () => () => undefined }) as unknown as typeof it;
const inFull = process.env['PILOTHOUSE_FAULTS'] === 'all' ? it : notNow;
/** Long enough for a hasty agent to act. */
const hastyMs = 5_000;
const hourMs = 3_600_000;

/** A machine's clock cannot be stepped for one process: the agent's own view of it is, by SIGUSR2. */
const stepping = (byMs: number): string[] => {
  const program = `const now = Date.now; process.on('SIGUSR2', () => { Date.now = () => now() + ${byMs}; });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(program)}`];
};

requires('docker')('a node of which a part fails', () => {
  let node: AgentNode;
  afterEach(() => node?.close());

  const create = (name: string, spec: Partial<Pod['spec']> = {}): Promise<unknown> =>
    node.client.resource(pods, 'default').create({
      metadata: { name, namespace: 'default' },
      spec: { terminationGracePeriodSeconds: 1, containers: [shell(sleeper)], ...spec },
    } as never);
  const run = async (name: string, spec: Partial<Pod['spec']> = {}): Promise<Pod> => {
    await create(name, spec);
    return node.podWhen(name, 'to be ready', isReady);
  };
  const get = (name: string): Promise<Pod> => node.client.resource(pods, 'default').get(name);
  const containerOf = (pod: Pod) =>
    node.docker.docker.getContainer(statusOf(pod)?.containerID?.replace('docker://', '') ?? '');
  const readyCondition = async () =>
    (await node.client.resource(nodes).get('node-1')).status?.conditions?.find(({ type }) => type === 'Ready');
  const nodeIs = (status: 'True' | 'False', timeoutMs = 90_000): Promise<unknown> =>
    until(`the node to be ready: ${status}`, async () => (await readyCondition())?.status === status, timeoutMs);
  const registrations = async (): Promise<number> => (await node.agentLog()).split('the node is registered').length - 1;

  inFull('starts every pod again when Docker was killed and took them with it', async () => {
    node = await startAgentNode({ liveRestore: false });
    const before = await Promise.all(['one', 'two', 'three'].map((name) => run(name)));
    await node.docker.kill('SIGKILL');
    await node.docker.start();
    for (const { metadata } of before) {
      const after = await node.podWhen(
        metadata.name,
        'to run again',
        (pod) => isReady(pod) && (statusOf(pod)?.restartCount ?? 0) > 0,
      );
      expect(after.metadata.uid).toBe(metadata.uid);
    }
    await nodeIs('True');
  });

  inFull('says so while Docker hangs, touches nothing, and goes on when it answers again', async () => {
    node = await startAgentNode();
    await run('through');
    const ids = await node.runningIds();
    node.docker.freeze(true);
    await create('late');
    await nodeIs('False');
    expect((await readyCondition())?.message).toMatch(/container runtime is down: /);
    node.docker.freeze(false);
    await nodeIs('True');
    await node.podWhen('late', 'to be ready', isReady);
    expect((await node.runningIds()).filter((id) => ids.includes(id))).toEqual(ids);
    expect(statusOf(await get('through'))?.restartCount).toBe(0);
  });

  it('keeps every container over the replacement of its agent, in the middle of a start and of an end', async () => {
    node = await startAgentNode();
    const before = await run('stays');
    const ids = await node.runningIds();
    await run('leaves', { terminationGracePeriodSeconds: 4, containers: [shell(`trap '' TERM; ${sleeper}`)] });
    await node.client.resource(pods, 'default').delete('leaves');
    await create('comes');
    await node.endAgent('SIGTERM');
    expect((await node.runningIds()).filter((id) => ids.includes(id))).toEqual(ids);
    node.startAgent();
    await until('the new agent to have registered', async () => (await registrations()) > 1);
    await node.podWhen('comes', 'to be ready', isReady);
    await until(
      'the other to be gone',
      async () =>
        !(await node.client.resource(pods, 'default').list()).items.some(({ metadata }) => metadata.name === 'leaves'),
    );
    const after = await get('stays');
    expect(after.status?.containerStatuses).toEqual(before.status?.containerStatuses);
    expect((await node.runningIds()).filter((id) => ids.includes(id))).toEqual(ids);
  });

  inFull('waits for room when its disk is full, while its pods run on', async () => {
    node = await startAgentNode({ dataDirBytes: 4 * 1024 * 1024 });
    await run('through');
    const ids = await node.runningIds();
    const filler = join(node.folder, 'agent/filler');
    await writeFile(filler, Buffer.alloc(8 * 1024 * 1024)).catch(() => undefined);
    await create('late');
    await until('the pod’s owner to be told', async () => {
      const events = await node.client.request({ method: 'GET', path: '/api/v1/namespaces/default/events' });
      return /no space left on device/.test(await events.text());
    });
    expect((await node.runningIds()).filter((id) => ids.includes(id))).toEqual(ids);
    await rm(filler);
    await node.podWhen('late', 'to be ready', isReady);
    expect(statusOf(await get('through'))?.restartCount).toBe(0);
  });

  inFull.each([
    ['forward', hourMs],
    ['back', -hourMs],
  ])('goes on when its clock steps %s by an hour', async (_way, byMs) => {
    node = await startAgentNode({ nodeFlags: stepping(byMs) });
    const probe = { exec: { command: ['true'] }, periodSeconds: 1 };
    await run('through', { containers: [shell(sleeper, { livenessProbe: probe, readinessProbe: probe })] });
    const ids = await node.runningIds();
    await node.signalAgent('SIGUSR2');
    const lease = async (): Promise<string | undefined> =>
      (await node.client.resource(leases, leaseNamespace).get('node-1')).spec?.renewTime;
    const renewed = await lease();
    await run('late');
    await until('the lease to be renewed', async () => (await lease()) !== renewed);
    await sleep(hastyMs);
    expect((await node.runningIds()).filter((id) => ids.includes(id))).toEqual(ids);
    const after = await get('through');
    expect([isReady(after), statusOf(after)?.restartCount]).toEqual([true, 0]);
    await node.client.resource(pods, 'default').delete('late');
    await until(
      'the other to be gone',
      async () => (await node.client.resource(pods, 'default').list()).items.length === 1,
    );
  });

  inFull('looks after its pods while the API hangs, and tells what happened when it answers again', async () => {
    node = await startAgentNode();
    const before = await run('crashes', { containers: [shell(crasher)] });
    await run('through');
    node.freezeControlPlane(true);
    try {
      const stop = await containerOf(before).exec({ Cmd: ['touch', '/tmp/stop'] });
      await stop.start({});
      await until('it to have been started again', async () => {
        const left = await node.docker.docker.listContainers({
          filters: { label: [`io.kubernetes.pod.uid=${before.metadata.uid}`, 'pilothouse.io/kind=container'] },
        });
        return left.some(({ Id }) => !statusOf(before)?.containerID?.endsWith(Id));
      });
      await sleep(hastyMs);
    } finally {
      node.freezeControlPlane(false);
    }
    const after = await node.podWhen('crashes', 'one restart', (pod) => statusOf(pod)?.restartCount === 1);
    expect(statusOf(after)?.lastState?.terminated?.exitCode).toBe(1);
    expect(statusOf(await get('through'))?.restartCount).toBe(0);
    await nodeIs('True');
  });

  inFull('keeps its pods through an hour without the API, and a new agent deletes none of them either', async () => {
    node = await startAgentNode({ nodeFlags: stepping(hourMs) });
    const before = await run('crashes', { containers: [shell(crasher)] });
    const token = { serviceAccountToken: { path: 'token', expirationSeconds: 600 } };
    await run('through', {
      containers: [shell(sleeper, { volumeMounts: [{ name: 'token', mountPath: '/token' }] })],
      volumes: [{ name: 'token', projected: { sources: [token] } }],
    });
    await run('static-like', { restartPolicy: 'Never' });
    const ids = await node.runningIds();
    const others = ids.filter((id) => !statusOf(before)?.containerID?.endsWith(id));
    const expectOthersUntouched = async (): Promise<void> => {
      expect((await node.runningIds()).filter((id) => others.includes(id))).toEqual(others);
    };
    node.freezeControlPlane(true);
    try {
      await node.signalAgent('SIGUSR2');
      await sleep(hastyMs);
      await expectOthersUntouched();
      // Pods are still looked after, an hour on.
      await (await containerOf(before).exec({ Cmd: ['touch', '/tmp/stop'] })).start({});
      await until('it to have been started again', async () => (await node.runningIds()).length === ids.length);
      await until('the old one to have ended', async () => !(await containerOf(before).inspect()).State.Running);
      // A new agent knows no pod at all, and cannot ask.
      await node.endAgent('SIGKILL');
      node.startAgent();
      await sleep(hastyMs);
      await expectOthersUntouched();
    } finally {
      node.freezeControlPlane(false);
    }
    await nodeIs('True');
    const after = await node.podWhen('crashes', 'its restart', (pod) => statusOf(pod)?.restartCount === 1);
    expect(after.metadata.uid).toBe(before.metadata.uid);
    await node.podWhen('through', 'to be ready', isReady);
    expect(statusOf(await get('through'))?.restartCount).toBe(0);
    expect((await get('static-like')).status?.phase).toBe('Running');
    await expectOthersUntouched();
  });
});
