// Acceptance of the end-to-end road on a real lab: a fresh cluster does what any Kubernetes client expects, and comes
// back by itself from whatever is killed.
import { AppsV1Api, CoreV1Api, DiscoveryV1Api, Exec, type V1Pod } from '@kubernetes/client-node';
import { Writable } from 'node:stream';
import { beforeAll, expect, it } from 'vitest';
import { firstOfFollowedLog } from '../support/follow-log.ts';
import { requires } from '../support/requirements.ts';
import { runCommand } from '../support/run-command.ts';
import { sharedLab, type SharedLab } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';

/** How long pods stay bound to a machine that is gone; the cluster's default is five minutes. */
const evictionSeconds = 5;
const namespace = 'default';
const image = 'pilothouse.local/sample-web:1';

function webDeployment(name: string, replicas: number, env: string): object {
  const labels = { app: name };
  const container = {
    name: 'main',
    image,
    imagePullPolicy: 'IfNotPresent',
    env: [{ name: 'RELEASE', value: env }],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
  };
  // Replicas keep apart, so that a Service always has an answer on another machine.
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 2,
          topologySpreadConstraints: [spread],
          tolerations: ['not-ready', 'unreachable'].map((taint) => ({
            key: `node.kubernetes.io/${taint}`,
            operator: 'Exists',
            effect: 'NoExecute',
            tolerationSeconds: evictionSeconds,
          })),
          containers: [container],
        },
      },
    },
  };
}

requires(
  'lab',
  'docker',
  'etcd',
)('a cluster made by `lab up`', () => {
  let lab: SharedLab;
  let core: CoreV1Api;
  let apps: AppsV1Api;

  const podsOf = async (app: string): Promise<V1Pod[]> =>
    (await core.listNamespacedPod({ namespace, labelSelector: `app=${app}` })).items.filter(
      (pod) => pod.metadata?.deletionTimestamp === undefined,
    );
  const isReady = (pod: V1Pod): boolean =>
    pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  const untilReady = (app: string, replicas: number, timeoutMs = 60_000): Promise<V1Pod[]> =>
    until(
      `${replicas} ready pods of ${app}`,
      async () => {
        const pods = await podsOf(app);
        return pods.length === replicas && pods.every(isReady) ? pods : undefined;
      },
      timeoutMs,
    );
  const execIn = async (pod: V1Pod, command: string[]): Promise<{ stdout: string; code: number }> => {
    let stdout = '';
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        stdout += chunk.toString();
        done();
      },
    });
    const exec = new Exec(lab.config);
    const status = await new Promise<{ status?: string; details?: { causes?: { message?: string }[] } }>(
      (resolve, reject) => {
        exec
          .exec(namespace, pod.metadata?.name ?? '', 'main', command, sink, sink, null, false, resolve)
          .catch((error: unknown) => reject(error instanceof Error ? error : new Error(String(error))));
      },
    );
    const code = status.status === 'Success' ? 0 : Number(status.details?.causes?.[0]?.message ?? 1);
    return { stdout, code };
  };
  const containerIds = async (app: string): Promise<string[]> =>
    (await podsOf(app))
      .flatMap((pod) => pod.status?.containerStatuses?.map((status) => status.containerID ?? '') ?? [])
      .sort();

  beforeAll(async () => {
    lab = await sharedLab();
    core = lab.config.makeApiClient(CoreV1Api);
    apps = lab.config.makeApiClient(AppsV1Api);
    await apps.createNamespacedDeployment({ namespace, body: webDeployment('web', 2, 'one') });
    await core.createNamespacedService({
      namespace,
      body: {
        metadata: { name: 'web' },
        spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
      },
    });
    await untilReady('web', 2);
  });

  it('has three ready nodes, the master tainted', async () => {
    const { items } = await core.listNode();
    expect(items.map((node) => node.status?.conditions?.find((c) => c.type === 'Ready')?.status)).toEqual([
      'True',
      'True',
      'True',
    ]);
    const tainted = items.filter((node) =>
      node.spec?.taints?.some((taint) => taint.key === 'node-role.kubernetes.io/control-plane'),
    );
    expect(tainted.map((node) => node.metadata?.name)).toEqual([lab.master.name]);
  });

  it('spreads two replicas over both workers', async () => {
    const nodes = (await podsOf('web')).map((pod) => pod.spec?.nodeName);
    expect(new Set(nodes)).toEqual(new Set(lab.workers.map((worker) => worker.name)));
  });

  it('resolves the Service by name from a pod on one worker and reaches the pod on the other', async () => {
    const [first, second] = await podsOf('web');
    if (first === undefined || second === undefined) throw new Error('two pods were ready a moment ago');
    await until('an answer from the pod on the other worker', async () => {
      const { stdout } = await execIn(first, [
        'timeout',
        '3',
        'wget',
        '-q',
        '-O',
        '-',
        `http://web.${namespace}.svc.cluster.local/`,
      ]);
      return stdout.includes(second.metadata?.name ?? '?');
    });
  });

  it('answers on the NodePort of every machine, from the host', async () => {
    const service = await core.readNamespacedService({ name: 'web', namespace });
    const port = service.spec?.ports?.[0]?.nodePort;
    for (const machine of lab.status.machines) {
      const answer = await until(`NodePort on ${machine.name}`, () =>
        fetch(`http://${machine.address}:${port}/`, { signal: AbortSignal.timeout(3000) }),
      );
      expect(await answer.text()).toContain('web-');
    }
  });

  it('gives exit codes, output and logs of containers', async () => {
    const [pod] = await podsOf('web');
    if (pod === undefined) throw new Error('no pod');
    expect(await execIn(pod, ['sh', '-c', 'echo hello; exit 3'])).toEqual({ stdout: 'hello\n', code: 3 });
    expect(await firstOfFollowedLog(lab.kubeconfigPath, namespace, pod.metadata?.name ?? '')).toContain(
      'serving on port',
    );
  });

  it('rolls out a new release, keeps its history and goes back', async () => {
    await apps.patchNamespacedDeployment({
      name: 'web',
      namespace,
      body: [{ op: 'replace', path: '/spec/template/spec/containers/0/env/0/value', value: 'two' }],
    });
    await until('the rollout', async () => {
      const { status, metadata } = await apps.readNamespacedDeployment({ name: 'web', namespace });
      return (
        status?.observedGeneration === metadata?.generation &&
        status?.updatedReplicas === 2 &&
        status.availableReplicas === 2 &&
        status.replicas === 2
      );
    });
    const sets = (await apps.listNamespacedReplicaSet({ namespace, labelSelector: 'app=web' })).items;
    expect(sets.map((set) => set.metadata?.annotations?.['deployment.kubernetes.io/revision']).sort()).toEqual([
      '1',
      '2',
    ]);
    const first = sets.find((set) => set.metadata?.annotations?.['deployment.kubernetes.io/revision'] === '1');
    const template = structuredClone(first?.spec?.template);
    delete template?.metadata?.labels?.['pod-template-hash'];
    await apps.patchNamespacedDeployment({
      name: 'web',
      namespace,
      body: [{ op: 'replace', path: '/spec/template', value: template }],
    });
    await until('the rollback', async () => {
      const pods = await untilReady('web', 2);
      return pods.every((pod) => pod.spec?.containers[0]?.env?.[0]?.value === 'one');
    });
  });

  it('brings back a container that is killed', async () => {
    const [pod] = await podsOf('web');
    const worker = lab.workers.find((machine) => machine.name === pod?.spec?.nodeName);
    const id = pod?.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '');
    if (worker === undefined || id === undefined) throw new Error('the pod has no container');
    await lab.ssh(worker, `kill -9 $(docker inspect -f '{{.State.Pid}}' ${id})`);
    await until('the restart', async () => {
      const now = await core.readNamespacedPod({ name: pod?.metadata?.name ?? '', namespace });
      const status = now.status?.containerStatuses?.[0];
      return (status?.restartCount ?? 0) > 0 && status?.ready === true && status.containerID !== `docker://${id}`;
    });
    await untilReady('web', 2);
  });

  for (const unit of ['pilothouse-agent', 'pilothouse-control-plane', 'pilothouse-etcd']) {
    it(`keeps every container running when ${unit} is killed, which comes back by itself`, async () => {
      const before = await containerIds('web');
      const machines = unit === 'pilothouse-agent' ? lab.workers : [lab.master];
      const pidOf = async (machine: (typeof machines)[number]): Promise<string> =>
        (await lab.ssh(machine, `systemctl show -P MainPID ${unit}`)).trim();
      const pids = await Promise.all(machines.map(pidOf));
      await Promise.all(machines.map((machine) => lab.ssh(machine, `systemctl kill -s KILL ${unit}`)));
      await until(`${unit} to run again`, async () => {
        const now = await Promise.all(machines.map(pidOf));
        return now.every((pid, index) => pid !== '0' && pid !== pids[index]);
      });
      const marker = `after-${unit}`;
      await until('the API to take writes', () =>
        core
          .createNamespacedConfigMap({
            namespace,
            body: { metadata: { name: marker }, data: { at: new Date().toISOString() } },
          })
          .catch(async () => core.readNamespacedConfigMap({ name: marker, namespace })),
      );
      await untilReady('web', 2);
      expect(await containerIds('web')).toEqual(before);
    });
  }

  it('runs the pods of a powered-off worker elsewhere, and takes the worker back', async () => {
    const [victim] = lab.workers;
    if (victim === undefined) throw new Error('no worker');
    await lab.ssh(victim, '(sleep 0.5; systemctl poweroff --force --force) >/dev/null 2>&1 &');
    await until(
      'two ready pods on the machines that are left',
      async () => {
        const pods = (await podsOf('web')).filter((pod) => pod.spec?.nodeName !== victim.name);
        return pods.length === 2 && pods.every(isReady);
      },
      180_000,
    );
    lab = await sharedLab();
    await until(
      'the worker to be ready again',
      async () => {
        const node = await core.readNode({ name: victim.name });
        return (
          node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') && !node.spec?.taints?.length
        );
      },
      120_000,
    );
    await untilReady('web', 2, 120_000);
  });

  it('has endpoints that follow the pods', async () => {
    const slices = await lab.config
      .makeApiClient(DiscoveryV1Api)
      .listNamespacedEndpointSlice({ namespace, labelSelector: 'kubernetes.io/service-name=web' });
    const addresses = slices.items.flatMap((slice) => slice.endpoints?.flatMap((endpoint) => endpoint.addresses) ?? []);
    expect(addresses.sort()).toEqual((await podsOf('web')).map((pod) => pod.status?.podIP).sort());
  });

  requires('kubectl')('with an upstream kubectl', () => {
    const kubectl = (...args: string[]): Promise<string> =>
      runCommand('kubectl', ['--kubeconfig', lab.kubeconfigPath, ...args]);

    it('creates, exposes, scales, updates, shows, undoes and deletes', async () => {
      expect(await kubectl('get', 'nodes,pods', '-A', '-o', 'wide')).toContain('Ready');
      await kubectl('create', 'deployment', 'hello', `--image=${image}`, '--replicas=1');
      await kubectl('expose', 'deployment', 'hello', '--port=80', '--target-port=8080');
      await kubectl('scale', 'deployment/hello', '--replicas=3');
      await kubectl('rollout', 'status', 'deployment/hello', '--timeout=60s');
      await kubectl('set', 'env', 'deployment/hello', 'RELEASE=two');
      await kubectl('rollout', 'status', 'deployment/hello', '--timeout=60s');
      expect(await kubectl('rollout', 'history', 'deployment/hello')).toMatch(/REVISION[\s\S]*1[\s\S]*2/);
      expect(await kubectl('rollout', 'undo', 'deployment/hello')).toContain('rolled back');
      await kubectl('rollout', 'status', 'deployment/hello', '--timeout=60s');
      expect(await kubectl('describe', 'deployment', 'hello')).toContain('ScalingReplicaSet');
      expect(await kubectl('exec', 'deploy/hello', '--', 'echo', 'inside')).toContain('inside');
      await kubectl('delete', 'deployment,service', 'hello');
      await until('the pods to be gone', async () => (await podsOf('hello')).length === 0);
    });
  });
});
