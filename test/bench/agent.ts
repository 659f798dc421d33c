// One node's agent against the Engine it drives: pod starts one by one and many at once beside raw Docker doing the same
// two containers in the same run, its weight when idle with 100 pods, and how soon a new agent has adopted them.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import pLimit from 'p-limit';
import { pods } from '../../agent/kubelet/resources.ts';
import { pauseImage, pausePath } from '../../agent/runtime/docker/pause-image.ts';
import { busyboxImage } from '../../agent/testing/docker-daemon.ts';
import type { Pod } from '../../api/kinds/core/index.ts';
import { startAgentNode, type AgentNode } from '../support/agent-node.ts';
import { until } from '../support/until.ts';
import type { Figure, Section } from './report.ts';

const root = join(import.meta.dirname, '../..');
const singles = 30;
const many = 100;
/** As many as the agent starts at a time. */
const atOnce = 4;
const idleMs = 30_000;
const command = ['sleep', '100000'];

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(Math.floor(values.length * share), values.length - 1)] ?? NaN;

/** The two containers of a pod by the Engine's API alone; answers how long they took, in milliseconds. */
async function rawPod(docker: Docker): Promise<number> {
  const begun = performance.now();
  const labels = { bench: 'raw' };
  const pause = await docker.createContainer({
    Image: pauseImage,
    Entrypoint: [pausePath],
    Labels: labels,
    HostConfig: { NetworkMode: 'none', IpcMode: 'shareable', LogConfig: { Type: 'none', Config: {} } },
  });
  await pause.start();
  const shared = `container:${pause.id}`;
  const app = await docker.createContainer({
    Image: busyboxImage,
    Cmd: command,
    Labels: labels,
    HostConfig: { NetworkMode: shared, IpcMode: shared },
  });
  await app.start();
  return performance.now() - begun;
}

async function removeRaw(docker: Docker): Promise<void> {
  const left = await docker.listContainers({ all: true, filters: { label: ['bench=raw'] } });
  const limit = pLimit(atOnce);
  await Promise.all(left.map(({ Id }) => limit(() => docker.getContainer(Id).remove({ force: true, v: true }))));
}

/** Follows the pods: when each was first seen bound, and when it was first seen running, in milliseconds. */
function followPods(node: AgentNode, signal: AbortSignal) {
  const seen = new Map<string, { boundMs: number; runningMs?: number }>();
  const follow = async (): Promise<void> => {
    for await (const { type, object } of node.client.resource(pods, 'default').watch({ signal })) {
      if (type !== 'ADDED' && type !== 'MODIFIED') continue;
      const { name } = object.metadata;
      const times = seen.get(name) ?? { boundMs: performance.now() };
      seen.set(name, times);
      if (object.status?.phase === 'Running') times.runningMs ??= performance.now();
    }
  };
  follow().catch(() => undefined);
  const tookMs = (name: string): number | undefined => {
    const { boundMs = 0, runningMs } = seen.get(name) ?? {};
    return runningMs === undefined ? undefined : runningMs - boundMs;
  };
  return { tookMs, runs: (names: readonly string[]) => names.every((name) => tookMs(name) !== undefined) };
}

async function bindPod(node: AgentNode, name: string): Promise<void> {
  const containers = [{ name: 'app', image: busyboxImage, command, imagePullPolicy: 'IfNotPresent' }];
  const spec = {
    nodeName: 'node-1',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    containers,
  };
  await node.client.resource(pods, 'default').create({ metadata: { name, namespace: 'default' }, spec } as never);
}

async function removePods(node: AgentNode): Promise<void> {
  await node.client.resource(pods, 'default').deleteCollection({ gracePeriodSeconds: 0 });
  await until('all pods to be gone', async () => (await node.runningIds()).length === 0, 300_000, 200);
}

function megabytesOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Processor time so far, in milliseconds. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measureStarts(node: AgentNode, log: (line: string) => void): Promise<Figure[]> {
  const { docker } = node.docker;
  const stop = new AbortController();
  const followed = followPods(node, stop.signal);
  await bindPod(node, 'warm');
  await until('the first pod', () => followed.runs(['warm']));
  log(`${singles} pods one by one, and as many by raw Docker`);
  const [own, raw]: [number[], number[]] = [[], []];
  for (let index = 0; index < singles; index++) {
    raw.push(await rawPod(docker));
    await bindPod(node, `single-${index}`);
    await until('the pod to run', () => followed.runs([`single-${index}`]), 60_000, 5);
    own.push(followed.tookMs(`single-${index}`) ?? NaN);
  }
  await removeRaw(docker);
  await removePods(node);
  log(`${many} at once by raw Docker`);
  const limit = pLimit(atOnce);
  const rawBegun = performance.now();
  const rawMany = await Promise.all(Array.from({ length: many }, () => limit(() => rawPod(docker))));
  const rawWallMs = performance.now() - rawBegun;
  await removeRaw(docker);
  log(`${many} pods at once`);
  const names = Array.from({ length: many }, () => `many-${randomUUID()}`);
  const begun = performance.now();
  await Promise.all(names.map((name) => bindPod(node, name)));
  await until('all pods to run', () => followed.runs(names), 300_000, 20);
  const wallMs = performance.now() - begun;
  stop.abort();
  const [rawMedian, rawP99] = [quantile(raw, 0.5), quantile(raw, 0.99)];
  const [median, p99] = [quantile(own, 0.5), quantile(own, 0.99)];
  const against = (value: number, other: number): string => `${value.toFixed(0)} ms against ${other.toFixed(0)} ms`;
  return [
    {
      name: 'pod start, median, against raw Docker',
      value: median / rawMedian,
      unit: '×',
      bar: { atMost: 1.3 },
      note: against(median, rawMedian),
    },
    {
      name: 'pod start, p99, against raw Docker',
      value: p99 / rawP99,
      unit: '×',
      bar: { atMost: 1.6 },
      note: against(p99, rawP99),
    },
    {
      name: `${many} pods at once, against raw Docker`,
      value: wallMs / rawWallMs,
      unit: '×',
      bar: { atMost: 1.3 },
      note: `${against(wallMs, rawWallMs)}; one of the raw ones ${quantile(rawMany, 0.5).toFixed(0)} ms`,
    },
  ];
}

async function measureIdle(node: AgentNode, log: (line: string) => void): Promise<Figure[]> {
  log(`idle with ${many} pods for ${idleMs / 1000} s`);
  await sleep(idleMs / 3);
  const begunMs = cpuMsOf(node.agentPid());
  await sleep(idleMs);
  const percent = ((cpuMsOf(node.agentPid()) - begunMs) / idleMs) * 100;
  return [
    {
      name: `resident with ${many} pods: kubelet, proxy and DNS`,
      value: megabytesOf(node.agentPid()),
      unit: 'MB',
      bar: { atMost: 130 },
    },
    { name: `processor with ${many} pods, of one core`, value: percent, unit: '%', bar: { atMost: 2 } },
  ];
}

/** A container ends while no agent is there; its successor has adopted them all when the API shows that one's restart. */
async function measureAdoption(node: AgentNode, log: (line: string) => void): Promise<Figure[]> {
  log(`a new agent for ${many} pods`);
  const list = async (): Promise<Pod[]> => (await node.client.resource(pods, 'default').list()).items;
  const before = await list();
  const [victim] = before;
  const id = victim?.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '';
  await node.endAgent('SIGKILL');
  await node.docker.docker.getContainer(id).kill();
  const others = (await node.runningIds()).filter((one) => one !== id);
  const begun = performance.now();
  node.startAgent();
  await until(
    'the restart to be told',
    async () =>
      (await node.client.resource(pods, 'default').get(victim?.metadata.name ?? '')).status?.containerStatuses?.[0]
        ?.restartCount === 1,
    60_000,
    20,
  );
  const seconds = (performance.now() - begun) / 1000;
  const running = new Set(await node.runningIds());
  const touched = others.filter((one) => !running.has(one)).length;
  const moved = (await list()).filter(
    ({ metadata, status }) =>
      metadata.uid !== victim?.metadata.uid && (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
  ).length;
  return [
    { name: `a new agent has adopted ${many} pods and tells of one`, value: seconds, unit: 's', bar: { atMost: 5 } },
    { name: 'containers that it touched besides', value: touched + moved, unit: '', bar: { atMost: 0 } },
  ];
}

export const agentSection: Section = {
  name: 'agent',
  describe: 'pod starts, weight and adoption of one node’s agent, on a Docker Engine of its own',
  async run(log) {
    if (process.getuid?.() !== 0) {
      log('skipped: needs root');
      return [];
    }
    log('building the agent as it is shipped');
    execFileSync(process.execPath, [join(root, 'build/build.ts'), 'agent'], { stdio: 'ignore' });
    const node = await startAgentNode({
      program: join(root, 'dist/agent.mjs'),
      nodeFlags: ['--max-semi-space-size=1', '--v8-pool-size=1'],
      agentFlags: ['--max-pods', '200'],
    });
    try {
      const starts = await measureStarts(node, log);
      return [...starts, ...(await measureIdle(node, log)), ...(await measureAdoption(node, log))];
    } finally {
      await node.close();
    }
  },
};
