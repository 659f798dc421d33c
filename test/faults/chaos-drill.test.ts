// Chaos drills on real machines: three masters and a worker. A pod is killed, a machine cut off until its pods have moved, a
// master stopped; each comes as predicted and is put back. What the quorum could not bear is refused, and a machine whose
// console is killed in the middle puts itself back.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  CommandName,
  CommandPayload,
  CommandValue,
  DrillTarget,
  DrillView,
  TrailSummary,
} from '../../api/console/index.ts';
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import { pods, services as serviceKind, type Pod, type Service } from '../../api/kinds/core/index.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { createServices, type Services } from '../../electron/services/index.ts';
import { labDown, labUp, type LabMachine } from '../../provisioning/index.ts';
import { sampleImageReference } from '../../provisioning/images/sample-image.ts';
import { connect } from '../screenshots/seed.ts';
import { requires } from '../support/requirements.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';

const clusterId = 'drill';
const root = join(import.meta.dirname, '../..');
/** The cluster calls a machine lost after 40 s; these pods bear 5 s more. */
const patienceSeconds = 5;
const untilMovedSeconds = 75;
const nothingLeft = '! nft list table inet pilothouse_drill && ! systemctl -q is-active pilothouse-drill.timer';

requires('lab', 'docker')('chaos drills', () => {
  const home = mkdtempSync(join(tmpdir(), 'pilothouse-drill-faults-'));
  let console_: Services;
  let client: RestClient;
  let machines: readonly LabMachine[];

  beforeAll(async () => {
    const up = await labUp({ name: clusterId, home, masters: 3, workers: 1 });
    machines = up.machines;
    client = connect(up.kubeconfigPath ?? '');
    console_ = createServices({ home });
    await deploy('roving', worker());
  });

  afterAll(async () => {
    client?.close();
    await console_?.close();
    await labDown({ name: clusterId, home });
    rmSync(home, { recursive: true, force: true });
  });

  const masters = (): LabMachine[] => machines.filter(({ role }) => role !== 'node');
  const worker = (): LabMachine => machines.find(({ role }) => role === 'node') ?? fail('there is no worker');
  function fail(why: string): never {
    throw new Error(why);
  }
  async function ask<N extends CommandName>(command: N, payload: CommandPayload<N>): Promise<CommandValue<N>> {
    const answer = await console_.invoke(command, payload);
    return answer.ok ? answer.value : fail(`${command}: ${answer.error.message}`);
  }
  const podsOf = async (app: string): Promise<readonly Pod[]> =>
    (await client.resource<Pod>(pods, 'default').list({ labelSelector: `app=${app}` })).items;
  const isReady = ({ status, metadata }: Pod): boolean =>
    metadata.deletionTimestamp === undefined &&
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

  /** One pod behind a Service, on the machine if it can be had, else on any. */
  async function deploy(app: string, { name }: LabMachine): Promise<void> {
    const spec = {
      containers: [{ name: 'main', image: sampleImageReference, imagePullPolicy: 'IfNotPresent' }],
      terminationGracePeriodSeconds: 1,
      tolerations: [
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
        ...['unreachable', 'not-ready'].map((key) => ({
          key: `node.kubernetes.io/${key}`,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: patienceSeconds,
        })),
      ],
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] },
            },
          ],
        },
      },
    };
    await client.resource<Deployment>(deployments, 'default').create({
      metadata: { name: app },
      spec: { replicas: 1, selector: { matchLabels: { app } }, template: { metadata: { labels: { app } }, spec } },
    } as unknown as Deployment);
    await client
      .resource<Service>(serviceKind, 'default')
      .create({ metadata: { name: app }, spec: { selector: { app }, ports: [{ port: 80 }] } } as unknown as Service);
    await until(`${app} to be ready`, async () => (await podsOf(app)).some(isReady), 120_000);
  }
  async function drills(): Promise<readonly DrillView[]> {
    return new Promise((resolve) => {
      const stop = console_.subscribe('drills', { clusterId }, (event) => {
        if (event.type !== 'data') return;
        queueMicrotask(() => stop());
        resolve(event.data);
      });
    });
  }
  /** A healthy cluster is not refused; a console that has just begun, or a drill just over, may see it ill for a while. */
  const permitted = (target: DrillTarget, holdSeconds: number): Promise<unknown> =>
    until(
      'the drill to be permitted',
      async () => {
        const { refusals } = await ask('drills.plan', { clusterId, target, holdSeconds });
        if (refusals.length > 0) throw new Error(refusals.map(({ en }) => en).join(' '));
        return true;
      },
      120_000,
      1000,
    );
  async function carryOut(target: DrillTarget, holdSeconds: number): Promise<DrillView> {
    await permitted(target, holdSeconds);
    const { id } = await ask('drills.start', { clusterId, target, holdSeconds });
    return until(
      'the drill to be over',
      async () => (await drills()).find((drill) => drill.runId === id && drill.state !== 'running'),
      400_000,
      500,
    );
  }
  const trailOf = ({ trace }: DrillView): Promise<CommandValue<'trails.get'>> =>
    ask('trails.get', { clusterId, id: trace ?? '' });
  const differing = ({ verdicts }: DrillView): readonly unknown[] => verdicts.filter(({ agrees }) => !agrees);

  it('kills a pod: the workload makes another, and its Service has no endpoint meanwhile', async () => {
    const [pod] = await podsOf('roving');
    const name = pod?.metadata.name ?? '';
    const drill = await carryOut({ kind: 'pod', namespace: 'default', name }, 20);
    expect(drill.prediction).toMatchObject({ moved: [{ pod: `default/${name}` }], services: ['default/roving'] });
    expect(differing(drill)).toEqual([]);
    expect(drill).toMatchObject({ state: 'done', actual: { moved: [{ pod: `default/${name}` }] } });
    expect((await podsOf('roving')).map(({ metadata }) => metadata.name)).not.toContain(name);
    const object = `/api/v1/namespaces/default/pods/${name}`;
    await until('the trail to tell of the write and what it did to the containers', async () => {
      const { entries } = await trailOf(drill);
      const write = entries.find((one) => one.kind === 'write' && one.object === object);
      const gone = entries.find((one) => one.kind === 'container' && one.pod === `default/${name}`);
      return write?.kind === 'write' && write.status === 200 && gone;
    });
  });

  it('cuts a machine off until its pods have moved, and joins it again', async () => {
    const { name } = worker();
    await until('the pod on the worker', async () => {
      const [pod] = await podsOf('roving');
      return pod?.spec.nodeName === name && isReady(pod);
    });
    const cut = carryOut({ kind: 'link', machine: name }, untilMovedSeconds);
    await until(
      'the machine to be cut off',
      () => runOnMachine(worker(), 'nft list table inet pilothouse_drill'),
      120_000,
    );
    const [other] = masters();
    await expect(
      runOnMachine(worker(), `ping -c 1 -W 2 ${other?.address}`),
      'a machine that is cut off reaches nobody',
    ).rejects.toThrow();
    const drill = await cut;
    expect(drill.prediction.moved).toHaveLength(1);
    expect(drill.prediction.services).toEqual(['default/roving']);
    expect(differing(drill)).toEqual([]);
    expect(drill.state).toBe('done');
    expect(drill.actual.moved[0]?.to).not.toBe(name);
    await runOnMachine(worker(), nothingLeft);
    await runOnMachine(worker(), `ping -c 1 -W 2 ${other?.address}`);
    const trail = await trailOf(drill);
    const ran = trail.entries.flatMap((one) => (one.kind === 'command' && one.machine === name ? [one.command] : []));
    expect(ran).toContain('nft -f -');
    expect(trail).toMatchObject({ command: 'drills.start', record: { ok: true } });
    expect(trail.entries.at(-1)).toMatchObject({ kind: 'end', what: 'drill', ok: true });
  });

  it('ties a click to its write and to the containers that came of it', async () => {
    await ask('deployments.scale', { clusterId, namespace: 'default', name: 'roving', replicas: 2 });
    const scaled = await until('the trail', async () => {
      const all = await new Promise<readonly TrailSummary[]>((resolve) => {
        const stop = console_.subscribe('trails', { clusterId }, (event) => {
          if (event.type !== 'data') return;
          queueMicrotask(() => stop());
          resolve(event.data);
        });
      });
      return all.find(({ command }) => command === 'deployments.scale');
    });
    const started = await until('a container that came of it', async () => {
      const { entries } = await ask('trails.get', { clusterId, id: scaled.id });
      return entries.find((one) => one.kind === 'container' && one.state === 'running');
    });
    const [pod] = (await podsOf('roving')).filter(({ metadata, status }) => {
      const id = status?.containerStatuses?.[0]?.containerID;
      return started.kind === 'container' && id === started.containerId && started.pod.endsWith(metadata.name);
    });
    expect(pod, 'the container on the trail is the one that runs').toBeDefined();
    const exported = await ask('trails.export', { clusterId, id: scaled.id });
    expect(exported.text).toContain(`"auditId":"${scaled.id}-`);
    await ask('deployments.scale', { clusterId, namespace: 'default', name: 'roving', replicas: 1 });
    await until('one pod again', async () => (await podsOf('roving')).length === 1);
  });

  it('stops a master: the others go on, and it is back as a member', async () => {
    const [first] = masters();
    const drill = await carryOut({ kind: 'master', machine: first?.name ?? '' }, 20);
    expect(drill.prediction.quorum).toEqual({ members: 3, working: 2, needed: 2, canLose: 0 });
    expect(differing(drill)).toEqual([]);
    expect(drill.state).toBe('done');
    expect(drill.actual.canLose).toBe(0);
    await runOnMachine(
      first!,
      'systemctl -q is-active pilothouse-etcd && systemctl -q is-active pilothouse-control-plane',
    );
    await runOnMachine(first!, nothingLeft);
  });

  it('refuses what would break the quorum, and touches nothing', async () => {
    const [first, second] = masters();
    await runOnMachine(second!, 'systemctl stop pilothouse-etcd');
    const wish = { clusterId, target: { kind: 'link' as const, machine: first?.name ?? '' }, holdSeconds: 20 };
    try {
      const reasons = await until('the loss to be known', async () => {
        const { refusals } = await ask('drills.plan', wish);
        const all = refusals.map(({ en }) => en).join(' ');
        return all.includes('would be left') ? all : undefined;
      });
      expect(reasons).toContain(`Without ${first?.name} only 1 of the 2 members`);
      const answer = await console_.invoke('drills.start', wish);
      expect(answer).toMatchObject({ ok: false, error: { reason: 'Conflict' } });
      await runOnMachine(first!, nothingLeft);
    } finally {
      await runOnMachine(second!, 'systemctl start pilothouse-etcd');
    }
  });

  it('a machine whose console is killed puts itself back', async () => {
    const { name } = worker();
    const target = { kind: 'agent' as const, machine: name };
    await permitted(target, 5);
    const args = ['drill', 'agent', name, '--cluster', clusterId, '--hold', '5', '--json'];
    const other = spawn(process.execPath, [join(root, 'cli/pilothouse.mjs'), ...args], {
      env: { ...process.env, PILOTHOUSE_HOME: home },
      stdio: 'ignore',
      detached: true,
    });
    await until(
      'the agent to be stopped',
      () => runOnMachine(worker(), '! systemctl -q is-active pilothouse-agent && echo stopped'),
      120_000,
    );
    process.kill(-other.pid!, 'SIGKILL');
    await until(
      'the machine to be back',
      () => runOnMachine(worker(), `systemctl -q is-active pilothouse-agent && ${nothingLeft} && echo back`),
      120_000,
    );

    await console_.close();
    console_ = createServices({ home });
    const cut = await until('the drill to be told', async () => (await drills()).find(({ state }) => state === 'cut'));
    expect(cut.target).toEqual(target);
    await until('the lock of the dead to run out', async () => {
      const { id } = await ask('drills.putBack', { clusterId, id: cut.id });
      const over = await until('the run', async () =>
        (await runs()).find((run) => run.id === id && run.state !== 'running'),
      );
      return over.state === 'done';
    });
    expect((await drills()).find(({ id }) => id === cut.id)).toMatchObject({ state: 'cancelled' });
  });
  async function runs(): Promise<readonly { id: string; state: string }[]> {
    return new Promise((resolve) => {
      const stop = console_.subscribe('provisioning.runs', {}, (event) => {
        if (event.type !== 'data') return;
        queueMicrotask(() => stop());
        resolve(event.data);
      });
    });
  }
});
