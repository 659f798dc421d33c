// What hostile pods may try against their node: links planted in volumes, image configurations made to break it, logs and
// files without end, processes without end. Each is contained, its owner is told why, and its neighbour runs on. Real
// Docker, control plane and agent.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pods } from '../../agent/kubelet/resources.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import type { Container, Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode } from '../support/agent-node.ts';
import type { AgentNode } from '../support/agent-node.ts';
import { hasPhase, isReady, shell, statusOf } from '../support/pods.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const podMaxPids = 64;
const mebibyte = 1024 * 1024;
const endless = 'sleep 100000';
/** Writes so many MiB at once, and stays. */
const fill = (path: string, mebibytes: number): string =>
  `dd if=/dev/zero of=${path}/file bs=1048576 count=${mebibytes}; ${endless}`;

interface EventLike {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly name: string };
}

requires('docker')('a hostile pod', () => {
  let node: AgentNode;
  let neighbour: Pod;
  beforeAll(async () => {
    node = await startAgentNode({ agentFlags: ['--pod-max-pids', String(podMaxPids)] });
    await create('neighbour', { containers: [shell(endless)] });
    neighbour = await node.podWhen('neighbour', 'to be ready', isReady);
  });
  afterAll(() => node?.close());

  const create = (name: string, spec: Partial<Pod['spec']>): Promise<unknown> =>
    node.client.resource(pods, 'default').create({
      metadata: { name, namespace: 'default' },
      spec: { terminationGracePeriodSeconds: 0, containers: [], ...spec },
    } as never);
  const remove = async (name: string): Promise<void> => {
    await node.client.resource(pods, 'default').delete(name);
    await until(`${name} to be gone`, async () =>
      (await node.client.resource(pods, 'default').list()).items.every(({ metadata }) => metadata.name !== name),
    );
  };
  const eventsOf = async (name: string): Promise<string> => {
    const answer = await node.client.request({ method: 'GET', path: '/api/v1/namespaces/default/events' });
    const { items } = JSON.parse(await answer.text()) as { items: readonly EventLike[] };
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`)
      .join('\n');
  };
  const told = (name: string, pattern: RegExp): Promise<unknown> =>
    until(`${name}: an event ${pattern}`, async () => pattern.test(await eventsOf(name)), 60_000);
  /** The container that was there before is there, and was never started again. */
  const expectNeighbourUntouched = async (): Promise<void> => {
    const now = await node.client.resource(pods, 'default').get('neighbour');
    expect(isReady(now)).toBe(true);
    expect(now.status?.containerStatuses).toEqual(neighbour.status?.containerStatuses);
    expect(await node.runningIds()).toContain(statusOf(now)?.containerID?.replace('docker://', ''));
  };
  /** An image as the busybox one, but for its configuration; without any, one that holds a file and nothing else. */
  const image = async (name: string, config: object): Promise<string> => {
    const { docker } = node.docker;
    const base = await docker.createContainer({ Image: busyboxImage });
    const reference = `hostile/${name}:test`;
    if (Object.keys(config).length === 0) {
      const empty = pack();
      empty.entry({ name: 'file' }, 'nothing to run');
      empty.finalize();
      const progress = await docker.importImage(Readable.from(empty), { repo: `hostile/${name}`, tag: 'test' });
      for await (const _line of progress) continue;
      return reference;
    }
    const query = { container: base.id, repo: `hostile/${name}`, tag: 'test' };
    await base.commit({ _query: query, _body: config } as never);
    await base.remove();
    return reference;
  };

  it('gets nothing outside its volume by links that it planted, not even the deletion of what they lead to', async () => {
    const outside = join(node.folder, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'precious'), 'x'.repeat(3 * mebibyte));
    const volumes = [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }];
    const volumeMounts = [{ name: 'data', mountPath: '/data' }];
    const plant = `ln -s ${outside} /data/folder; ln -s ${outside}/precious /data/file; ln -s .. /data/up`;
    const ln: Container = {
      name: 'plant',
      image: busyboxImage,
      command: ['busybox', 'sh', '-c', plant.replaceAll('ln ', 'busybox ln ')],
      volumeMounts,
    };
    const through = ['folder', 'file', 'up', 'folder/precious', 'up/up'].map((subPath, index) => ({
      ...shell(endless, { name: `c${index}`, volumeMounts: [{ name: 'data', mountPath: '/out', subPath }] }),
    }));
    await create('links', { volumes, initContainers: [ln], containers: through });
    const pod = await node.podWhen('links', 'to have been refused everywhere', ({ status }) =>
      through.every(({ name }) =>
        status?.containerStatuses?.some(
          (one) => one.name === name && one.state?.waiting?.reason === 'CreateContainerConfigError',
        ),
      ),
    );
    for (const { name } of through) expect(statusOf(pod, name)?.state?.waiting?.message).toMatch(/leads out|not a/);
    await told('links', /^Failed: Error: .*leads out of the volume/m);
    await remove('links');
    expect(await readdir(outside)).toEqual(['precious']);
    await expectNeighbourUntouched();
  });

  it.each<[string, object, RegExp]>([
    ['a user that nobody knows', { User: 'nobody-knows', Cmd: ['/bin/true'] }, /nobody-knows/],
    ['a working folder that is a file', { WorkingDir: '/etc/passwd', Cmd: ['/bin/true'] }, /not a directory/],
    ['a working folder longer than any path', { WorkingDir: `/${'x'.repeat(5000)}`, Cmd: ['/bin/true'] }, /too long/],
    ['a volume over everything', { Volumes: { '/x/..': {} }, Cmd: ['/bin/true'] }, /declares a volume over "\/"/],
    ['a volume over the kernel’s files', { Volumes: { '/proc': {} }, Cmd: ['/bin/true'] }, /\/proc/],
    [
      'an environment larger than the kernel takes',
      { Env: Array.from({ length: 80 }, (_, index) => `V${index}=${'x'.repeat(100_000)}`), Cmd: ['/bin/true'] },
      /its image's included, takes \d+ bytes; Linux passes at most 6291456/,
    ],
    [
      'a variable longer than the kernel takes',
      { Env: [`V=${'x'.repeat(140_000)}`], Cmd: ['/bin/true'] },
      /"V" of container/,
    ],
    ['no program', {}, /[Nn]o command specified/],
    ['a program that is not there', { Entrypoint: ['/no/such/program'] }, /no such file or directory/],
  ])('whose image has %s does not start, and says so', async (title, config, words) => {
    const name = title.replaceAll(/[^a-z]+/g, '-');
    const reference = await image(name, config);
    const spec = { containers: [{ name: 'app', image: reference, imagePullPolicy: 'Never' as const }] };
    await create(name, { ...spec, restartPolicy: 'Never' });
    const pod = await node.podWhen(name, 'to be stuck or over', (one) => {
      const { waiting, terminated } = statusOf(one)?.state ?? {};
      return terminated !== undefined || (waiting !== undefined && waiting.reason !== 'ContainerCreating');
    });
    const { waiting, terminated } = statusOf(pod)?.state ?? {};
    expect(waiting?.message ?? terminated?.message).toMatch(words);
    await told(name, words);
    await remove(name);
    await expectNeighbourUntouched();
  });

  it('that logs without end keeps no more than its share of the disk', async () => {
    await create('chatty', { containers: [shell(`seq 1 100000000; ${endless}`)] });
    const pod = await node.podWhen('chatty', 'to run', hasPhase('Running'));
    const id = statusOf(pod)?.containerID?.replace('docker://', '') ?? '';
    const { LogPath } = await node.docker.docker.getContainer(id).inspect();
    const rotated = async (): Promise<string[]> =>
      (await readdir(dirname(LogPath))).filter((name) => name.includes('-json.log'));
    await until('its oldest log to have been dropped', async () => (await rotated()).length === 5, 120_000);
    const kept = node.machine.run('du', '-sk', dirname(LogPath)).split('\t')[0];
    expect(Number(kept)).toBeLessThan(64 * 1024);
    await remove('chatty');
    await expectNeighbourUntouched();
  });

  it.each<[string, Partial<Pod['spec']>, RegExp]>([
    [
      'its log',
      {
        containers: [shell(`seq 1 2000000; ${endless}`, { resources: { limits: { 'ephemeral-storage': '8Mi' } } })],
      },
      /Container app exceeded its local ephemeral storage limit "8Mi"/,
    ],
    [
      'its own files',
      { containers: [shell(fill('/tmp', 20), { resources: { limits: { 'ephemeral-storage': '8Mi' } } })] },
      /Container app exceeded its local ephemeral storage limit "8Mi"/,
    ],
    [
      'its volume',
      {
        containers: [shell(fill('/data', 20), { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
        volumes: [{ name: 'data', emptyDir: { sizeLimit: '8Mi' } }],
      },
      /Usage of EmptyDir volume "data" exceeds the limit "8Mi"/,
    ],
  ])('that fills %s over its limit is evicted with the reason', async (what, spec, sentence) => {
    const name = `fills-${what.replaceAll(/[^a-z]+/g, '-')}`;
    await create(name, spec);
    const pod = await node.podWhen(name, 'to be evicted', hasPhase('Failed'), 90_000);
    expect(pod.status).toMatchObject({ reason: 'Evicted', message: expect.stringMatching(sentence) as string });
    await told(name, sentence);
    await remove(name);
    await expectNeighbourUntouched();
  });

  it('that hides its files in a volume of its image is evicted as well', async () => {
    const reference = await image('hiding', { Volumes: { '/hidden': {} }, Env: ['PATH=/bin'] });
    const limited = { resources: { limits: { 'ephemeral-storage': '8Mi' } }, imagePullPolicy: 'Never' as const };
    await create('hides', { containers: [shell(fill('/hidden', 20), { image: reference, ...limited })] });
    const pod = await node.podWhen('hides', 'to be evicted', hasPhase('Failed'), 90_000);
    expect(pod.status?.message).toMatch(/Container app exceeded its local ephemeral storage limit "8Mi"/);
    await remove('hides');
    await until(
      'its volume to be gone',
      async () => ((await node.docker.docker.listVolumes()).Volumes ?? []).length === 0,
    );
    await expectNeighbourUntouched();
  });

  it('that forks without end stays within its own processes, and its owner is told', async () => {
    await create('bomb', { containers: [shell(`trap '' CHLD; while :; do (${endless}) & done; ${endless}`)] });
    await create('stubborn', {
      containers: [shell(`while :; do for i in $(seq 1 100); do (sleep 5 &) 2>/dev/null; done; sleep 1; done`)],
    });
    await told('stubborn', /^PidsLimitReached: Container app could not start processes .* limit of 64 processes/m);
    const processes = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
    const inPod = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')));
    const { uid } = (await node.client.resource(pods, 'default').get('stubborn')).metadata;
    expect(inPod.filter((text) => text.includes(uid)).length).toBeLessThanOrEqual(podMaxPids);
    await remove('stubborn');
    await remove('bomb');
    await expectNeighbourUntouched();
  });
});
