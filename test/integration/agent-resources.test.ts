// What a node gives to pods and holds them to: admission, control groups of each class, changes in place, images as
// volumes, and a pod that will not stop forking. Real Docker, control plane and agent.
import { readFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pods } from '../../agent/kubelet/resources.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { hasPhase, isReady, shell, statusOf } from '../support/pods.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const isVersion2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
const memoryFile = isVersion2 ? 'memory.max' : 'memory.limit_in_bytes';
const pidsFile = 'pids.max';

/** A file of a pod's control group. */
const cgroupFile = (controller: string, qosClass: string, uid: string, file: string): string =>
  [
    '/sys/fs/cgroup',
    ...(isVersion2 ? [] : [controller]),
    'kubepods',
    ...(qosClass === '' ? [] : [qosClass]),
    `pod${uid}`,
    file,
  ].join('/');
const readNumber = async (path: string): Promise<number> => Number(await readFile(path, 'utf8'));

requires('docker')('a node’s resources', { concurrent: true }, () => {
  let node: AgentNode;
  beforeAll(async () => {
    node = await startAgentNode({ agentFlags: ['--pod-max-pids', '64'] });
  });
  afterAll(() => node?.close());

  const create = async (name: string, spec: Partial<Pod['spec']>): Promise<void> => {
    const whole = { terminationGracePeriodSeconds: 1, restartPolicy: 'Never', containers: [], ...spec };
    await node.client
      .resource(pods, 'default')
      .create({ metadata: { name, namespace: 'default' }, spec: whole } as never);
  };
  const bind = (name: string, spec: Partial<Pod['spec']>): Promise<void> =>
    create(name, { nodeName: 'node-1', ...spec });
  const resize = (name: string, resources: object): Promise<Pod> =>
    node.client
      .resource(pods, 'default')
      .patch(
        name,
        { type: 'strategic', body: { spec: { containers: [{ name: 'app', resources }] } } },
        { subresource: 'resize' },
      );
  const get = (name: string): Promise<Pod> => node.client.resource(pods, 'default').get(name);
  const condition = (pod: Pod, type: string) => pod.status?.conditions?.find((one) => one.type === type);
  const exec = async (pod: Pod, ...command: string[]): Promise<string> => {
    const id = statusOf(pod)?.containerID?.replace('docker://', '') ?? '';
    const run = await node.docker.docker.getContainer(id).exec({ Cmd: command, AttachStdout: true, Tty: true });
    return (await text(await run.start({ Tty: true, hijack: true }))).trim();
  };

  it.each<[string, Partial<Pod['spec']>, string]>([
    ['cpu', { containers: [shell('sleep 9', { resources: { requests: { cpu: '999' } } })] }, 'OutOfcpu'],
    ['memory', { containers: [shell('sleep 9', { resources: { requests: { memory: '999Ti' } } })] }, 'OutOfmemory'],
    ['selector', { containers: [shell('sleep 9')], nodeSelector: { zone: 'elsewhere' } }, 'NodeAffinity'],
    [
      'sysctl',
      { containers: [shell('sleep 9')], securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] } },
      'SysctlForbidden',
    ],
  ])('refuse a pod that was bound to them wrongly: %s', async (what, spec, reason) => {
    await bind(`refused-${what}`, spec);
    const pod = await node.podWhen(`refused-${what}`, 'to be refused', hasPhase('Failed'));
    expect(pod.status).toMatchObject({ reason, message: expect.stringMatching(/^Pod was rejected: /) as string });
    expect(pod.status?.containerStatuses).toBeUndefined();
  });

  it('let a pod have a safe kernel setting', async () => {
    const sysctls = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }];
    await create('setting', { containers: [shell('sleep 1000')], securityContext: { sysctls } });
    const pod = await node.podWhen('setting', 'to be ready', isReady);
    expect(await exec(pod, 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start')).toBe('80');
  });

  it('hold all containers of a pod to what they may use together, by its class', async () => {
    const sized = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '100m', memory: '32Mi' } };
    await create('guaranteed', {
      containers: [shell('sleep 1000', { resources: sized }), shell('sleep 1000', { name: 'two', resources: sized })],
    });
    await create('best-effort', { containers: [shell('sleep 1000')] });
    const guaranteed = await node.podWhen('guaranteed', 'to be ready', isReady);
    const bestEffort = await node.podWhen('best-effort', 'to be ready', isReady);
    expect(guaranteed.status?.qosClass).toBe('Guaranteed');
    expect(await readNumber(cgroupFile('memory', '', guaranteed.metadata.uid, memoryFile))).toBe(64 * 1024 ** 2);
    expect(await readNumber(cgroupFile('pids', 'besteffort', bestEffort.metadata.uid, pidsFile))).toBe(64);
    const inside = (await readdir(cgroupFile('memory', '', guaranteed.metadata.uid, '.'))).filter((name) =>
      /^[0-9a-f]{64}$/.test(name),
    );
    expect(inside).toHaveLength(3);
    await node.client.resource(pods, 'default').delete('guaranteed');
    await until(
      'its control group to be gone',
      () => !existsSync(cgroupFile('memory', '', guaranteed.metadata.uid, '.')),
    );
  });

  it('contain a fork bomb in its pod, and say so', async () => {
    await create('bomb', { containers: [shell('while :; do sleep 1000 & done')] });
    await create('neighbour', { containers: [shell('sleep 1000')] });
    const bomb = await node.podWhen('bomb', 'to have begun', (pod) => pod.status?.phase !== 'Pending');
    const neighbour = await node.podWhen('neighbour', 'to be ready', isReady);
    expect(await exec(neighbour, 'echo', 'alive')).toBe('alive');
    const current = cgroupFile('pids', 'besteffort', bomb.metadata.uid, 'pids.current');
    expect(existsSync(current) ? await readNumber(current) : 0).toBeLessThanOrEqual(64);
    const ended = await node.podWhen('bomb', 'to have failed', hasPhase('Failed'));
    expect(statusOf(ended)?.state?.terminated?.exitCode).not.toBe(0);
  });

  it('give a running pod more, and tell it by its conditions and status', async () => {
    const small = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '100m', memory: '64Mi' } };
    const large = { requests: { cpu: '60m', memory: '48Mi' }, limits: { cpu: '200m', memory: '96Mi' } };
    await create('grows', { containers: [shell('sleep 1000', { resources: small })] });
    const before = await node.podWhen('grows', 'to be ready', isReady);
    const asked = await resize('grows', large);
    const after = await node.podWhen('grows', 'to have what it asked for', (pod) => {
      const isSeen = pod.status?.observedGeneration === asked.metadata.generation;
      return (
        isSeen &&
        condition(pod, 'PodResizeInProgress') === undefined &&
        statusOf(pod)?.resources?.limits?.['memory'] === '96Mi'
      );
    });
    expect(statusOf(after)).toMatchObject({
      containerID: statusOf(before)?.containerID,
      restartCount: 0,
      resources: large,
      allocatedResources: large.requests,
    });
    expect(condition(after, 'PodResizePending')).toBeUndefined();
    expect(await readNumber(cgroupFile('memory', 'burstable', after.metadata.uid, memoryFile))).toBe(96 * 1024 ** 2);
  });

  it('leave a pod what it has when there is not more to give', async () => {
    const small = { requests: { cpu: '50m' }, limits: { cpu: '100m' } };
    await create('wants', { containers: [shell('sleep 1000', { resources: small })] });
    await node.podWhen('wants', 'to be ready', isReady);
    await resize('wants', { requests: { cpu: '999' }, limits: { cpu: '999' } });
    const pod = await node.podWhen('wants', 'to be told', (one) => condition(one, 'PodResizePending') !== undefined);
    expect(condition(pod, 'PodResizePending')).toMatchObject({ status: 'True', reason: 'Infeasible' });
    expect(statusOf(pod)).toMatchObject({ restartCount: 0, resources: small, allocatedResources: { cpu: '50m' } });
    await resize('wants', small);
    await node.podWhen(
      'wants',
      'to have the condition gone',
      (one) => condition(one, 'PodResizePending') === undefined,
    );
  });

  it('restart a container whose policy asks for it', async () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    const sized = (memory: string) => ({ requests: { memory }, limits: { memory } });
    const app = shell('trap exit TERM; sleep 1000 & wait', { resources: sized('32Mi'), resizePolicy });
    await create('restarts', { restartPolicy: 'Always', containers: [app] });
    await node.podWhen('restarts', 'to be ready', isReady);
    await resize('restarts', sized('64Mi'));
    const pod = await node.podWhen(
      'restarts',
      'to be ready again',
      (one) => statusOf(one)?.restartCount === 1 && isReady(one),
    );
    await until(
      'the resize to be complete',
      async () => condition(await get('restarts'), 'PodResizeInProgress') === undefined,
    );
    expect(statusOf(pod)?.resources?.limits).toEqual({ memory: '64Mi' });
  });

  it('show the files of an image, read-only', async () => {
    await create('reads', {
      containers: [
        shell('ls /image/bin/busybox && ! touch /image/new 2>/dev/null', {
          volumeMounts: [{ name: 'files', mountPath: '/image' }],
        }),
      ],
      volumes: [{ name: 'files', image: { reference: busyboxImage, pullPolicy: 'Never' } }],
    });
    const { metadata } = await node.podWhen('reads', 'to have read it', hasPhase('Succeeded'));
    await node.client.resource(pods, 'default').delete('reads');
    const folder = `${node.folder}/agent/pods/${metadata.uid}`;
    await until('its mount to be gone', async () => !(await readFile('/proc/self/mountinfo', 'utf8')).includes(folder));
  });

  it('say why an image cannot be shown', async () => {
    await create('missing', {
      containers: [shell('true', { volumeMounts: [{ name: 'files', mountPath: '/image' }] })],
      volumes: [{ name: 'files', image: { reference: 'pilothouse/none:1', pullPolicy: 'Never' } }],
    });
    await until('the event', async () => {
      const path = '/api/v1/namespaces/default/events';
      const events = (await (await node.client.request({ method: 'GET', path })).text()) as string;
      return events.includes('not present with pull policy of Never');
    });
  });
});
