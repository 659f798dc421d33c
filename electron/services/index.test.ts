// The services as a shell sees them: names and payloads checked, settings kept, clusters known, runs followed.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterDraft, CommandName, RunEvent, StreamEvent } from '../../api/console/index.ts';
import { systemClock } from '../../machinery/clock.ts';
import { formatKubeconfig } from '../../machinery/kubeconfig.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { waitFor } from '../../machinery/wait.ts';
import { createClusterSpec, readClusterFile } from '../../provisioning/cluster-file.ts';
import type { ProvisionOptions, ProvisionResult } from '../../provisioning/contract.ts';
import { planCluster } from '../../provisioning/plan/plan-cluster.ts';
import type { Services } from './contract.ts';
import { createServices } from './index.ts';
import type { Provisioner } from './provisioning/provisioner.ts';

const draft: ClusterDraft = {
  name: 'jetty',
  machines: [
    {
      name: 'm1',
      address: '127.0.0.9',
      port: 22,
      user: 'root',
      role: 'both',
      credentials: { kind: 'password', password: 'hush' },
    },
  ],
};
const title = { key: 'k', values: {}, en: 'Step', 'zh-CN': '步骤' };

/** Provisioning that does what a test says: the given steps, then waits for its end when told to. */
function pretend(steps: readonly string[], waitsForAbort: boolean): Provisioner {
  const provision = async (_spec: unknown, { onProgress, signal }: ProvisionOptions): Promise<ProvisionResult> => {
    for (const step of steps) {
      onProgress?.({ step, state: 'running', title, elapsedMs: 0, log: `begin ${step}` });
      onProgress?.({ step, state: 'done', title, elapsedMs: 5 });
    }
    if (waitsForAbort) await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
    return { ok: !waitsForAbort, steps: [], elapsedMs: 5, cluster: 'jetty', kubeconfigPath: '', servers: [] };
  };
  return {
    createClusterSpec,
    readClusterFile,
    planCluster,
    preflight: () => Promise.resolve({ ok: true, machines: [] }),
    provision,
    deprovision: provision,
  };
}

describe('the services', () => {
  let home: string;
  let services: Services;

  const start = (provisioner: Provisioner = pretend([], false)): void => {
    services = createServices({ home, logger: silentLogger, loadProvisioner: () => Promise.resolve(provisioner) });
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'pilothouse-services-'));
  });
  afterEach(async () => {
    await services.close();
    rmSync(home, { recursive: true });
  });

  it('answer unknown names and bad payloads with errors, like anything else', async () => {
    start();
    expect(await services.invoke('constructor' as CommandName, {} as never)).toMatchObject({
      ok: false,
      error: { reason: 'NotSupported' },
    });
    expect(await services.invoke('settings.set', { theme: 'pink' } as never)).toMatchObject({
      ok: false,
      error: { reason: 'BadRequest' },
    });
    expect(await services.invoke('pods.delete', { clusterId: 'none', namespace: 'a', name: 'b' })).toMatchObject({
      ok: false,
      error: { reason: 'UnknownCluster' },
    });
    const ended = await new Promise<StreamEvent<unknown>>((resolve) => {
      services.subscribe('nodes', { clusterId: 'none' }, resolve);
    });
    expect(ended).toMatchObject({ type: 'ended', error: { reason: 'UnknownCluster' } });
  });

  it('keep settings, changing only what is named', async () => {
    start();
    await services.invoke('settings.set', { theme: 'dark' });
    await services.invoke('settings.set', { lastCluster: 'harbour' });
    expect(await services.invoke('settings.get', {})).toEqual({
      ok: true,
      value: { language: 'auto', theme: 'dark', motion: 'auto', lastCluster: 'harbour' },
    });
  });

  it('know a cluster from its import to its removal, with its keys readable by the owner only', async () => {
    start();
    const access = { servers: ['https://127.0.0.1:1'], token: 'secret' };
    const kubeconfig = formatKubeconfig('far', access);
    const contexts = await services.invoke('clusters.contexts', { kubeconfig });
    expect(contexts).toMatchObject({
      ok: true,
      value: { current: 'far', contexts: [{ name: 'far', server: 'https://127.0.0.1:1' }] },
    });
    const imported = await services.invoke('clusters.import', { name: 'Far away', kubeconfig });
    expect(imported).toMatchObject({ ok: true, value: { id: 'far-away', name: 'Far away', origin: 'imported' } });
    const path = join(home, 'clusters/far-away/kubeconfig');
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('secret');
    expect(await services.invoke('clusters.import', { name: 'Far away', kubeconfig })).toMatchObject({
      ok: true,
      value: { id: 'far-away-2' },
    });
    await services.invoke('clusters.remove', { clusterId: 'far-away' });
    expect(existsSync(path)).toBe(false);
    expect(await services.invoke('clusters.import', { name: 'x', kubeconfig: 'clusters: no' })).toMatchObject({
      ok: false,
      error: { reason: 'BadKubeconfig' },
    });
  });

  it('tell of a run from its first step to its end, also to who comes late', async () => {
    start(pretend(['authority', 'kubeconfig'], false));
    const answer = await services.invoke('provisioning.start', { draft });
    if (!answer.ok) throw new Error(answer.error.message);
    const seen: RunEvent[] = [];
    services.subscribe('provisioning.run', { runId: answer.value.id }, (event) => {
      if (event.type === 'data') seen.push(event.data);
    });
    await waitFor(() => seen.at(-1)?.run.state === 'done', { clock: systemClock, timeoutMs: 5000, intervalMs: 5 });
    const lines = seen.flatMap(({ log }) => log.map(({ text }) => text));
    expect(lines).toEqual(['begin authority', 'begin kubeconfig']);
    expect(JSON.stringify(seen)).not.toContain('hush');
    const late = await new Promise<StreamEvent<RunEvent>>((resolve) => {
      services.subscribe('provisioning.run', { runId: answer.value.id }, resolve);
    });
    expect(late).toMatchObject({ type: 'data', data: { kind: 'snapshot', run: { state: 'done' }, log: [{}, {}] } });
  });

  it('cancel a run, refuse a second one beside it, and resume it', async () => {
    start(pretend(['authority'], true));
    const first = await services.invoke('provisioning.start', { draft });
    if (!first.ok) throw new Error(first.error.message);
    expect(await services.invoke('provisioning.start', { draft })).toMatchObject({
      ok: false,
      error: { reason: 'Conflict' },
    });
    await services.invoke('provisioning.cancel', { runId: first.value.id });
    const second = await services.invoke('provisioning.resume', { runId: first.value.id });
    expect(second).toMatchObject({ ok: true, value: { state: 'running', cluster: 'jetty' } });
  });

  it('refuse a draft that makes no cluster, in both languages', async () => {
    start();
    const answer = await services.invoke('provisioning.plan', { draft: { ...draft, name: 'No Name' } });
    expect(answer).toMatchObject({
      ok: false,
      error: { reason: 'Invalid', local: { message: { 'zh-CN': expect.stringContaining('集群') as string } } },
    });
  });
});
