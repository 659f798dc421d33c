// The road from bare machines to a running application: how long each stage takes, against raw Docker where containers
// are started, and what the programs weigh when idle.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppsV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import type { LabMachine, LabStatus } from '../../provisioning/index.ts';
import { runCli, runCliJson } from '../support/cli.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';
import type { Figure, Section } from './report.ts';

const namespace = 'default';
const image = 'pilothouse.local/sample-web:1';
const idleMs = 30_000;

async function timed(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return (performance.now() - begun) / 1000;
}

function deployment(name: string, replicas: number): object {
  const labels = { app: name };
  const container = {
    name: 'main',
    image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'http', containerPort: 8080 }],
  };
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
    },
  };
}

/** Starts `count` containers with `docker run` on each machine, four at a time, and removes them again. */
async function rawDocker(machines: readonly LabMachine[], count: number): Promise<number> {
  const run = `seq ${count} | xargs -P 4 -I{} docker run -d --rm --network none --label bench=raw ${image} >/dev/null`;
  const seconds = await timed(() => Promise.all(machines.map((machine) => runOnMachine(machine, run))));
  await Promise.all(
    machines.map((machine) =>
      runOnMachine(machine, 'docker rm -f $(docker ps -q --filter label=bench=raw) >/dev/null'),
    ),
  );
  return seconds;
}

async function residentMegabytes(machine: LabMachine, unit: string): Promise<number> {
  const kilobytes = await runOnMachine(machine, `grep VmRSS /proc/$(systemctl show -P MainPID ${unit})/status`);
  return Number(/(\d+)/.exec(kilobytes)?.[1]) / 1024;
}

async function measure(lab: LabStatus, log: (line: string) => void): Promise<Figure[]> {
  if (lab.kubeconfigPath === undefined) throw new Error('the lab has no kubeconfig');
  const config = new KubeConfig();
  config.loadFromFile(lab.kubeconfigPath);
  const apps = config.makeApiClient(AppsV1Api);
  const workers = lab.machines.filter((machine) => machine.role === 'node');
  const master = lab.machines.find((machine) => machine.role === 'master');
  if (master === undefined) throw new Error('the lab has no master');
  const untilReady = (replicas: number): Promise<unknown> =>
    until(
      `${replicas} ready replicas`,
      async () =>
        (await apps.readNamespacedDeployment({ name: 'bench', namespace })).status?.readyReplicas === replicas,
      120_000,
      50,
    );

  log('deploy 2 replicas');
  const deploySeconds = await timed(async () => {
    await apps.createNamespacedDeployment({ namespace, body: deployment('bench', 2) });
    await untilReady(2);
  });
  log('18 raw docker runs, then 2 → 20 replicas');
  const rawSeconds = await rawDocker(workers, 9);
  const scaleSeconds = await timed(async () => {
    await apps.patchNamespacedDeploymentScale(
      { name: 'bench', namespace, body: { spec: { replicas: 20 } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    await untilReady(20);
  });
  await apps.deleteNamespacedDeployment({ name: 'bench', namespace });
  log(`idle for ${idleMs / 1000} s`);
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  const agent = workers[0] ?? master;
  return [
    { name: 'deploy 2 replicas to ready', value: deploySeconds, unit: 's', bar: { atMost: 5 } },
    { name: '18 × docker run on two machines', value: rawSeconds, unit: 's', note: 'the raw figure of this run' },
    { name: '2 → 20 replicas to ready', value: scaleSeconds, unit: 's' },
    { name: '2 → 20 replicas / raw docker', value: scaleSeconds / rawSeconds, unit: '×', bar: { atMost: 1.5 } },
    {
      name: 'control plane resident, idle',
      value: await residentMegabytes(master, 'pilothouse-control-plane'),
      unit: 'MB',
      bar: { atMost: 200 },
    },
    {
      name: 'agent resident, idle',
      value: await residentMegabytes(agent, 'pilothouse-agent'),
      unit: 'MB',
      bar: { atMost: 120 },
    },
  ];
}

export const roadSection: Section = {
  name: 'road',
  describe: 'three bare lab machines to a running application',
  run: async (log) => {
    const home = mkdtempSync(join(tmpdir(), 'pilothouse-bench-'));
    const name = `bench${process.pid % 10_000}`;
    const env = { PILOTHOUSE_HOME: home };
    try {
      log('three bare machines (base tree cached)');
      const bootSeconds = await timed(() => runCliJson(['lab', 'up', '--name', name, '--bare'], env));
      log('provision them');
      let lab: LabStatus | undefined;
      const readySeconds = await timed(async () => {
        lab = await runCliJson<LabStatus>(['lab', 'up', '--name', name], env);
      });
      if (lab === undefined) throw new Error('no lab');
      const stages = (lab.stages ?? []).map((stage): Figure => ({
        name: `stage ${stage.id}`,
        value: stage.elapsedMs / 1000,
        unit: 's',
      }));
      return [
        { name: 'three bare machines booted', value: bootSeconds, unit: 's' },
        { name: 'three bare lab machines to Ready', value: readySeconds, unit: 's', bar: { atMost: 60 } },
        ...stages,
        ...(await measure(lab, log)),
      ];
    } finally {
      await runCli(['lab', 'down', '--name', name], env);
      rmSync(home, { recursive: true, force: true });
    }
  },
};
