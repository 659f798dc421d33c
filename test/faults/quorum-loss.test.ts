// Three masters under a steady write load: each in turn killed, powered off, cut off and replaced; all off and on again; two lost for
// good; everything lost. No acknowledged write is lost while a quorum is possible, and there is always a guided way back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import type { LabMachine, LabStatus, QuorumAssessment, RecoverResult } from '../../provisioning/index.ts';
import { runCliJson } from '../support/cli.ts';
import { requires } from '../support/requirements.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';
import { startWriteLoad, type WriteLoad } from '../support/write-load.ts';

const name = 'quorum';
/** What acceptance allows clients that retry. */
const longestOutageMs = 5_000;

requires(
  'lab',
  'docker',
  'etcd',
)('a cluster of three masters under write load', () => {
  const { home } = inject('sharedLab');
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-quorum-'));
  const env = { PILOTHOUSE_HOME: home, PILOTHOUSE_PASSPHRASE: 'a passphrase for quorum tests' };
  const cli = <T>(...args: string[]): Promise<T> => runCliJson<T>(args, env);
  const labUp = (): Promise<LabStatus> =>
    cli<LabStatus>('lab', 'up', '--name', name, '--masters', '3', '--workers', '0');
  let status: LabStatus;
  let masters: LabMachine[];
  let load: WriteLoad;

  const kubectlGet = async (path: string): Promise<{ items?: { metadata: { name: string } }[]; status?: string }> => {
    const transport = createHttpsTransport(clusterOf(loadKubeconfig(status.kubeconfigPath ?? '')));
    const client = createRestClient({ transport });
    try {
      return JSON.parse(await (await client.request({ method: 'GET', path })).text()) as { items?: [] };
    } finally {
      client.close();
    }
  };
  const powerOff = async (machine: LabMachine): Promise<void> => {
    await runOnMachine(machine, '(sleep 0.3; systemctl poweroff --force --force) >/dev/null 2>&1 &');
    await until(`${machine.name} to be off`, async () => {
      const now = await cli<LabStatus>('lab', 'status', '--name', name);
      return now.machines.find((each) => each.name === machine.name)?.running === false;
    });
  };
  const healthy = (): Promise<QuorumAssessment> =>
    until(
      'every master to be in the quorum',
      async () => {
        const found = await cli<QuorumAssessment>('recover', '--cluster', name, '--dry-run');
        return found.state === 'healthy' ? found : undefined;
      },
      120_000,
      1_000,
    );
  const expectShortOutage = (what: string): void => {
    const [outageMs, failures] = [load.takeLongestOutageMs(), load.takeFailures()];
    process.stdout.write(`${what}: ${outageMs.toFixed(0)} ms without an acknowledged write\n`);
    const told = `the longest time without an acknowledged write while ${what}:\n${failures.join('\n')}\n`;
    expect(outageMs, told).toBeLessThan(longestOutageMs);
  };

  beforeAll(async () => {
    status = await labUp();
    masters = status.machines.filter((machine) => machine.role !== 'node');
    load = startWriteLoad(status.kubeconfigPath ?? '');
    await until('the first writes', () => load.acknowledged() > 20);
    load.takeLongestOutageMs();
  });
  afterAll(async () => {
    await load.stop().catch(() => undefined);
    await cli('lab', 'down', '--name', name);
    rmSync(folder, { recursive: true, force: true });
  });

  it('loses nothing while control plane and etcd of each master in turn are killed', async () => {
    for (const master of masters) {
      load.takeLongestOutageMs();
      load.takeFailures();
      const before = load.acknowledged();
      await runOnMachine(master, 'systemctl kill -s KILL pilothouse-etcd pilothouse-control-plane');
      await until('writes to go on', () => load.acknowledged() > before + 30);
      await healthy();
      expectShortOutage(`${master.name} was killed`);
    }
  });

  it('loses nothing while each master in turn is cut off from the others', async () => {
    for (const master of masters) {
      load.takeLongestOutageMs();
      load.takeFailures();
      const before = load.acknowledged();
      const others = masters.filter((other) => other !== master).map(({ address }) => address);
      const rules = ['input', 'output'].map(
        (hook) =>
          `add chain inet cut ${hook} { type filter hook ${hook} priority -300; }; add rule inet cut ${hook} ip ${hook === 'input' ? 'saddr' : 'daddr'} { ${others.join(', ')} } drop`,
      );
      await runOnMachine(master, `nft 'add table inet cut; ${rules.join('; ')}'`);
      await until('writes to go on', () => load.acknowledged() > before + 60);
      await runOnMachine(master, 'nft delete table inet cut');
      await healthy();
      expectShortOutage(`${master.name} was cut off`);
    }
  });

  it('loses nothing while each master in turn is powered off and comes back', async () => {
    for (const master of masters) {
      load.takeLongestOutageMs();
      load.takeFailures();
      const before = load.acknowledged();
      await powerOff(master);
      await until('writes to go on', () => load.acknowledged() > before + 30);
      await labUp();
      await healthy();
      expectShortOutage(`${master.name} was off`);
    }
  });

  it('loses nothing while each master in turn is replaced', async () => {
    for (const master of masters) {
      load.takeLongestOutageMs();
      load.takeFailures();
      const { name: old, address, keyPath } = master;
      await cli('machine', 'replace', old, old, '--cluster', name, '--address', address, '--key', keyPath);
      await healthy();
      expectShortOutage(`${old} was replaced`);
    }
  });

  it('has lost no acknowledged write', async () => {
    const { missing, acknowledged } = await load.stop();
    expect(acknowledged).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  it('starts cold by itself, in whatever order the masters come up', async () => {
    await Promise.all(masters.map(powerOff));
    await labUp();
    await healthy();
    expect((await kubectlGet('/api/v1/nodes')).items).toHaveLength(3);
  });

  it('goes on from the survivor when two of three are lost for good', async () => {
    const before = (await kubectlGet('/api/v1/namespaces/default/configmaps')).items?.length;
    await cli('backup', 'create', '--cluster', name, '--at', folder);
    const [survivor, ...lost] = masters;
    await Promise.all(lost.map(powerOff));
    const found = await until('the survivor to miss its leader', async () => {
      const now = await cli<QuorumAssessment>('recover', '--cluster', name, '--dry-run');
      return now.state === 'lost' ? now : undefined;
    });
    expect(found.survivors).toEqual([survivor?.name]);
    const recovered = await cli<RecoverResult>('recover', '--cluster', name, '--yes');
    expect(recovered).toMatchObject({ ok: true, from: survivor?.name, forgotten: lost.map((each) => each.name) });
    expect((await kubectlGet('/api/v1/namespaces/default/configmaps')).items).toHaveLength(before ?? -1);
    expect((await kubectlGet('/api/v1/nodes')).items?.map(({ metadata }) => metadata.name)).toEqual([survivor?.name]);
    await expect(cli('recover', '--cluster', name, '--yes')).rejects.toThrow(/nothing needs to be recovered/);
  });

  it('comes back from a backup when everything is lost, and fools no client', async () => {
    const [survivor] = masters;
    if (survivor === undefined) throw new Error('the lab has three masters');
    const before = (await kubectlGet('/api/v1/namespaces/default/configmaps')) as {
      metadata?: { resourceVersion: string };
    };
    const { backups } = await cli<{ backups: { name: string }[] }>('backup', 'list', '--cluster', name, '--at', folder);
    const backup = backups[0]?.name ?? '';
    await runOnMachine(
      survivor,
      'systemctl stop pilothouse-etcd; rm -rf /var/lib/pilothouse/etcd /var/lib/pilothouse/etcd.*',
    );
    const refused = runCliJson(['restore', backup, '--cluster', name, '--at', folder, '--yes'], {
      ...env,
      PILOTHOUSE_PASSPHRASE: 'not the passphrase',
    });
    await expect(refused).rejects.toThrow(/passphrase does not open/);
    const restored = await cli<{ ok: boolean; startRevision: number; objects: number }>(
      'restore',
      backup,
      '--cluster',
      name,
      '--at',
      folder,
      '--yes',
    );
    expect(restored.ok).toBe(true);
    const seen = Number(before.metadata?.resourceVersion);
    expect(restored.startRevision).toBeGreaterThan(seen);
    const late = (await kubectlGet(`/api/v1/configmaps?watch=true&resourceVersion=${seen}&timeoutSeconds=1`).catch(
      (error: unknown) => ({ status: String(error) }),
    )) as { object?: { code?: number }; code?: number };
    expect(late.object?.code ?? late.code).toBe(410);
    expect((await kubectlGet('/api/v1/nodes')).items?.map(({ metadata }) => metadata.name)).toContain(survivor.name);
  });
});
