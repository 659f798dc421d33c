// A cluster that changes while it runs, on lab machines: a run broken at every step in turn still ends well, machines join
// and leave (a master too), and what left is as it was found.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { requires } from '../../test/support/requirements.ts';
import { createClusterSpec } from '../cluster-file.ts';
import type { ClusterSpec, LabStatus, RunResult } from '../contract.ts';
import { labDown, labUp } from '../machines/lab.ts';
import { difference, snapshot } from '../machines/snapshot.testing.ts';
import { clusterPaths } from '../paths.ts';
import { planCluster } from '../plan/plan-cluster.ts';
import { deprovision, provision } from '../provision.ts';
import { removeMachine } from '../remove-machine.ts';
import { runPlan } from './run-plan.ts';

const name = `d${process.pid % 100_000}`;
const home = mkdtempSync(join(tmpdir(), 'pilothouse-day-two-'));
let lab: LabStatus;
const bare = new Map<string, string>();

/** The cluster on the first `count` machines, all of them masters that take pods. */
const specOf = (count: number): ClusterSpec =>
  createClusterSpec({
    name,
    machines: lab.machines.slice(0, count).map((machine) => ({
      name: machine.name,
      address: machine.address,
      role: machine.role,
      user: machine.user,
      keyPath: machine.keyPath,
    })),
  });

async function nodes(): Promise<string[]> {
  const access = clusterOf(loadKubeconfig(clusterPaths(name, home).kubeconfig));
  const client = createRestClient({ transport: createHttpsTransport(access) });
  try {
    const response = await client.request({
      method: 'GET',
      path: '/api/v1/nodes',
      signal: AbortSignal.timeout(10_000),
    });
    const list = JSON.parse(await response.text()) as { items: { metadata: { name: string } }[] };
    return list.items.map((node) => node.metadata.name).sort();
  } finally {
    client.close();
  }
}

/** Runs the plan and aborts it as soon as `step` begins. */
async function runUntil(spec: ClusterSpec, step: string): Promise<RunResult> {
  const abort = new AbortController();
  return runPlan(planCluster(spec), spec, {
    home,
    signal: abort.signal,
    onProgress: (event) => {
      if (event.step === step && event.state === 'running') abort.abort();
    },
  });
}

requires('lab')('day two of a cluster', () => {
  beforeAll(async () => {
    lab = await labUp({ name, home, masters: 3, workers: 0, bare: true });
    for (const machine of lab.machines) bare.set(machine.name, snapshot(machine));
  });
  afterAll(async () => {
    await labDown({ name, home });
    rmSync(home, { recursive: true, force: true });
  });

  test('a run broken at every step in turn still ends in a cluster', async () => {
    const spec = specOf(1);
    for (const step of planCluster(spec).steps.filter((each) => each.machine !== undefined)) {
      const broken = await runUntil(spec, step.id);
      expect(broken.ok, step.id).toBe(false);
    }
    expect(await provision(spec, { home })).toMatchObject({ ok: true });
    expect(await nodes()).toEqual(['master-1']);
  });

  test('two masters join a running one, as learners first', async () => {
    const result = await provision(specOf(3), { home });
    expect(result.steps.filter((step) => step.state === 'failed')).toEqual([]);
    expect(await nodes()).toEqual(['master-1', 'master-2', 'master-3']);
  });

  test('the first master leaves: the others go on, and it is as it was found', async () => {
    const result = await removeMachine(specOf(3), 'master-1', { home, drainSeconds: 10 });
    expect(result.ok).toBe(true);
    await expect
      .poll(() => nodes().catch(() => []), { timeout: 60_000, interval: 500 })
      .toEqual(['master-2', 'master-3']);
    const machine = lab.machines[0];
    if (machine !== undefined) expect(difference(bare.get(machine.name) ?? '', snapshot(machine))).toEqual([]);
    await deprovision(result.spec, { home });
    for (const each of lab.machines)
      expect(difference(bare.get(each.name) ?? '', snapshot(each)), each.name).toEqual([]);
  });
});
