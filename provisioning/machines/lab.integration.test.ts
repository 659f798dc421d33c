// Bare machines made here and provisioned over SSH: what they hold before, that a broken run resumes, that a second run
// changes nothing, and that nothing is left after deprovisioning.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { requires } from '../../test/support/requirements.ts';
import { runCommand } from '../bundle/run-command.ts';
import { createClusterSpec, readClusterFile } from '../cluster-file.ts';
import type { ClusterSpec, LabMachine, LabStatus, ProgressEvent } from '../contract.ts';
import { buildSampleImage, sampleImagePort, sampleImageReference } from '../images/sample-image.ts';
import { clusterPaths } from '../paths.ts';
import { deprovision, provision } from '../provision.ts';
import { processesIn } from './lab/cgroups.ts';
import { labDown, labStatus, labUp } from './lab.ts';
import { difference, onMachine, snapshot, sshArguments } from './snapshot.testing.ts';

const name = `t${process.pid % 100_000}`;
const home = mkdtempSync(join(tmpdir(), 'pilothouse-lab-'));
let lab: LabStatus;
let spec: ClusterSpec;
let images: string[];
const bare = new Map<string, string>();

/** One request to the cluster's API with the administrator's kubeconfig; the answer's text. */
async function api(method: string, path: string, body?: unknown): Promise<string> {
  const access = clusterOf(loadKubeconfig(clusterPaths(name, home).kubeconfig));
  const client = createRestClient({ transport: createHttpsTransport(access) });
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await client.request({
      method,
      path,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers,
      signal: AbortSignal.timeout(10_000),
    });
    const answer = await response.text();
    if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
    return answer;
  } finally {
    client.close();
  }
}

const selector = { app: 'web' };
const deployment = {
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: selector },
    template: { metadata: { labels: selector }, spec: { containers: [{ name: 'web', image: sampleImageReference }] } },
  },
};
const service = {
  metadata: { name: 'web' },
  spec: { type: 'NodePort', selector, ports: [{ port: 80, targetPort: sampleImagePort }] },
};

/** A free address of the lab's segment. */
const virtualAddress = (): string => (lab.machines[0]?.address ?? '').replace(/\d+$/, '200');

const machine = (label: string): LabMachine => {
  const found = lab.machines.find((candidate) => candidate.name === label);
  if (found === undefined) throw new Error(`the lab has no ${label}`);
  return found;
};

/** Kills the process at the machine's end of every SSH connection, once `step` has begun there and packages arrive. */
function cutAt(step: string, label: string): (event: ProgressEvent) => void {
  let isCut = false;
  const cut = `until ls /var/lib/pilothouse/packages/*/*.deb >/dev/null 2>&1; do sleep 0.02; done
for p in $(pgrep -x sshd); do [ $p = $(systemctl show -p MainPID --value ssh) ] || [ $p = $PPID ] || kill -9 $p; done`;
  return (event) => {
    if (isCut || event.step !== step || event.state !== 'running') return;
    isCut = true;
    void runCommand('ssh', sshArguments(machine(label), cut));
  };
}

requires('lab')('a lab of bare machines', () => {
  beforeAll(async () => {
    images = [await buildSampleImage()];
    lab = await labUp({ name, home, masters: 1, workers: 1, bare: true });
    for (const each of lab.machines) bare.set(each.name, snapshot(each));
    spec = createClusterSpec({
      name,
      machines: lab.machines.map(({ name: label, address, role, user, keyPath }) => ({
        name: label,
        address,
        role,
        user,
        keyPath,
      })),
      settings: { virtualAddress: virtualAddress() },
    });
  });
  afterAll(async () => {
    await labDown({ name, home });
    rmSync(home, { recursive: true, force: true });
  });

  test('machines are bare: no Docker, no etcd, no Node, and no way out', () => {
    for (const each of lab.machines) {
      const found = onMachine(
        each,
        'for p in docker dockerd containerd runc etcd etcdctl node npm kubelet; do command -v $p; done; ls -d /opt/pilothouse /etc/pilothouse /var/lib/pilothouse 2>/dev/null; ip route show default; true',
      );
      expect(found).toBe('');
    }
  });

  test('a virtual address that somebody has is refused, with who has it, and what was learnt is forgotten', async () => {
    const [seeing, having] = ['master-1', 'worker-1'].map(machine) as [LabMachine, LabMachine];
    onMachine(having, `ip address add ${virtualAddress()}/32 dev host0`);
    const mac = onMachine(having, 'cat /sys/class/net/host0/address').trim();
    const refusal: unknown = await provision(spec, { home, images }).catch((error: unknown) => error);
    onMachine(having, `ip address delete ${virtualAddress()}/32 dev host0`);
    expect(refusal).toMatchObject({ reason: 'Preflight' });
    expect(String(refusal)).toContain(
      `${seeing.name} sees the virtual address ${virtualAddress()} in use already, by ${mac}`,
    );
    expect(String(refusal)).toContain(`by ${having.name}`);
    expect(onMachine(seeing, `ip neigh show to ${virtualAddress()}; ls -d /opt/pilothouse 2>/dev/null; true`)).toBe('');
  });

  test('a run whose SSH is cut in the middle fails, and the next one completes', async () => {
    const broken = await provision(spec, { home, images, onProgress: cutAt('packages@worker-1', 'worker-1') });
    expect(broken.ok).toBe(false);
    expect(broken.steps.find((step) => step.id === 'packages@worker-1')).toMatchObject({ state: 'failed' });
    const resumed = await provision(spec, { home, images });
    expect(resumed.steps.filter((step) => step.state === 'failed')).toEqual([]);
    expect(resumed.ok).toBe(true);
    expect(resumed.steps.find((step) => step.id === 'packages@master-1')?.state).toBe('skipped');
  });

  test('an application runs on it and answers on every machine', async () => {
    await api('POST', '/apis/apps/v1/namespaces/default/deployments', deployment);
    const created = JSON.parse(await api('POST', '/api/v1/namespaces/default/services', service)) as {
      spec: { ports: { nodePort: number }[] };
    };
    const port = created.spec.ports[0]?.nodePort ?? 0;
    const ready = async (): Promise<number> => {
      const answer = await api('GET', '/apis/apps/v1/namespaces/default/deployments/web');
      return (JSON.parse(answer) as { status?: { readyReplicas?: number } }).status?.readyReplicas ?? 0;
    };
    await expect.poll(ready, { timeout: 60_000, interval: 200 }).toBe(2);
    for (const each of lab.machines) {
      const page = async (): Promise<string> =>
        (await fetch(`http://${each.address}:${port}/`, { signal: AbortSignal.timeout(2_000) })).text();
      await expect.poll(() => page().catch(String), { timeout: 10_000 }).toContain('Hello from web-');
    }
  });

  test('the API answers at the virtual address, which one machine holds', async () => {
    const { ca, cert, key, servers } = clusterOf(loadKubeconfig(clusterPaths(name, home).kubeconfig));
    expect(servers[0]).toBe(`https://${virtualAddress()}`);
    const transport = createHttpsTransport({ ca, cert, key, servers: [`https://${virtualAddress()}`] });
    const client = createRestClient({ transport });
    const { status } = await client.request({ method: 'GET', path: '/readyz', signal: AbortSignal.timeout(10_000) });
    client.close();
    expect(status).toBe(200);
    const holders = lab.machines.filter((each) => onMachine(each, 'ip -4 addr').includes(`${virtualAddress()}/32`));
    expect(holders).toHaveLength(1);
  });

  test('a second run finds everything as wanted', async () => {
    const again = await provision(spec, { home, images });
    expect(again.steps.filter((step) => step.state !== 'skipped').map((step) => step.id)).toEqual([]);
  });

  test('the cluster file that is kept reads back and holds no secret', () => {
    const kept = readFileSync(clusterPaths(name, home).clusterFile, 'utf8');
    expect(readClusterFile(kept).machines).toHaveLength(2);
    expect(kept).not.toMatch(/BEGIN|password/);
  });

  test('machines that lost power come back as the same cluster', async () => {
    for (const each of await labIds()) for (const pid of await processesIn(each)) process.kill(pid, 'SIGKILL');
    expect((await labStatus({ name, home })).state).not.toBe('running');
    await labUp({ name, home, bare: true });
    const nodes = async (): Promise<string[]> => {
      const list = JSON.parse(await api('GET', '/api/v1/nodes')) as {
        items: { status: { conditions: { type: string; status: string }[] } }[];
      };
      return list.items.map((node) => node.status.conditions.find(({ type }) => type === 'Ready')?.status ?? '');
    };
    await expect.poll(() => nodes().catch(() => []), { timeout: 60_000, interval: 500 }).toEqual(['True', 'True']);
  });

  test('deprovisioning leaves the machines as they were found', async () => {
    const result = await deprovision(spec, { home });
    expect(result.ok).toBe(true);
    for (const each of lab.machines)
      expect(difference(bare.get(each.name) ?? '', snapshot(each)), each.name).toEqual([]);
  });

  test('nothing of the lab is left on this computer after lab down', async () => {
    const ids = await labIds();
    await labDown({ name, home });
    expect((await labStatus({ name, home })).state).toBe('absent');
    for (const id of ids) expect(await processesIn(id)).toEqual([]);
    expect(await runCommand('ip', ['-o', 'link'])).not.toContain(lab.bridge);
    expect(await runCommand('ip', ['route', 'show', 'type', 'unreachable'])).not.toContain(lab.subnet);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(home);
  });

  async function labIds(): Promise<string[]> {
    const state = JSON.parse(readFileSync(join(home, 'lab', name, 'lab.json'), 'utf8')) as {
      machines: { id: string }[];
    };
    return Promise.resolve(state.machines.map((each) => each.id));
  }
});
