// The console in a real browser on real machines, by keyboard alone: two bare ones become a cluster, the run is cancelled
// half way and resumed, something is deployed, scaled, rolled back and moved off a machine; then, with the mouse again, the
// cluster is taken apart. Mistakes are found before anything is changed.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import { nodes, pods, type Node, type Pod } from '../../api/kinds/core/index.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import {
  buildSampleImage,
  clusterPaths,
  labDown,
  labUp,
  loadImage,
  readClusterFile,
  sampleImageReference,
  type LabMachine,
} from '../../provisioning/index.ts';
import { connect } from '../screenshots/seed.ts';
import { requires } from '../support/requirements.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';
import { startTestConsole, type TestConsole } from './console-browser.ts';
import { takeKeyboard, type Keyboard } from './console-keyboard.ts';
import { goTo, seriousViolations, untilComplete } from './console-page.ts';

const cluster = 'jetty';
const lab = `wiz${process.pid % 10_000}`;

requires('lab', 'chromium')('the wizard', () => {
  let testConsole: TestConsole;
  let machines: readonly LabMachine[];
  let page: Page;
  let keyboard: Keyboard;
  let client: RestClient | undefined;

  beforeAll(async () => {
    testConsole = await startTestConsole();
    ({ machines } = await labUp({ name: lab, home: testConsole.home, masters: 1, workers: 1, bare: true }));
    await testConsole.services.invoke('settings.set', { language: 'en', theme: 'light' });
    ({ page } = await testConsole.open());
    page.setDefaultTimeout(30_000);
    keyboard = await takeKeyboard(page);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      await page.screenshot({
        path: join(tmpdir(), `pilothouse-wizard-${task.name.slice(0, 20).replaceAll(' ', '-')}.png`),
      });
    }
  });

  afterAll(async () => {
    client?.close();
    if (testConsole !== undefined) {
      await labDown({ name: lab, home: testConsole.home });
      await testConsole.close();
    }
  });

  const addresses = (): string[] => machines.map(({ user, address }) => `${user}@${address}`);
  const keyPath = (): string => machines[0]?.keyPath ?? '';
  const builtBy = (machine: LabMachine): Promise<string> =>
    runOnMachine(machine, 'ls -d /opt/pilothouse /etc/pilothouse /var/lib/pilothouse 2>/dev/null || true');

  const workloads = (): RestClient => {
    client ??= connect(clusterPaths(cluster, testConsole.home).kubeconfig);
    return client;
  };
  const spec = async (): Promise<Deployment['spec']> =>
    (await workloads().resource<Deployment>(deployments, 'default').get('tides')).spec;
  const greeting = async (): Promise<string | undefined> =>
    (await spec()).template.spec?.containers[0]?.env?.find(({ name }) => name === 'GREETING')?.value;
  const running = async (): Promise<readonly Pod[]> =>
    (await workloads().resource<Pod>(pods, 'default').list({ labelSelector: 'app=tides' })).items.filter(
      ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase === 'Running',
    );

  it('finds what is wrong on all machines at once, with remedies, and has changed nothing', async () => {
    await keyboard.find('build', 'Build a cluster');
    await page.getByRole('heading', { level: 1, name: 'Build a cluster' }).waitFor();
    await keyboard.write('Name', cluster);
    // Nobody lives at the last address of the lab's own network.
    for (const address of [...addresses(), `root@${machines[0]?.address.replace(/\d+$/, '250')}`]) {
      await keyboard.write('Addresses', address);
      await page.keyboard.press('Enter');
    }
    await keyboard.write('Private key on this computer', '/nonexistent/key');
    await keyboard.press('Test all');
    await until(
      'an answer for each machine',
      async () => (await page.locator('.machines [role=status]').count()) === 3,
    );
    await until(
      'three refusals',
      async () => (await page.locator('.machines .check, .machines .state.bad').count()) >= 3,
    );
    for (const machine of machines) expect(await builtBy(machine)).toBe('');
    await keyboard.press('Remove machine-250');
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('tests machines, suggests roles and shows the plan before anything is changed', async () => {
    await keyboard.write('Private key on this computer', keyPath());
    await keyboard.press('Test all');
    await until('both machines fit', async () => (await page.getByText('Fit for a cluster').count()) === 2, 90_000);
    await keyboard.press('Next');
    await page.getByText(/With one master, losing it stops all changes/).waitFor();
    expect(await page.getByRole('radio', { checked: true }).allTextContents()).toEqual(['Master', 'Worker']);
    await keyboard.press('Master', 'ArrowRight', 'ArrowRight');
    expect(await page.getByRole('radio', { checked: true }).allTextContents()).toEqual(['Both', 'Worker']);
    expect(await seriousViolations(page)).toEqual([]);
    await keyboard.press('Next');
    await page.getByText('All machines are fit.').waitFor({ timeout: 90_000 });
    await page.getByText('Nothing has been changed so far.').waitFor();
    await page.getByText(/^What will be done: \d+ steps/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    for (const machine of machines) expect(await builtBy(machine)).toBe('');
  });

  it('builds the cluster, also after the run was cancelled half way', { timeout: 420_000 }, async () => {
    await keyboard.press('Build cluster');
    await page.waitForURL(/#\/build\/runs\//);
    await until('some steps to be done', async () => (await page.locator('.step.done').count()) >= 4, 240_000);
    expect(await seriousViolations(page)).toEqual([]);
    await keyboard.press('Cancel');
    await page.getByText('Cancelled').first().waitFor({ timeout: 60_000 });
    await keyboard.press('Resume');
    await page.getByRole('link', { name: 'Open cluster' }).waitFor({ timeout: 300_000 });

    const { items } = await workloads().resource<Node>(nodes).list();
    const ready = items.filter(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    expect(ready).toHaveLength(2);
    await keyboard.press('Open cluster');
    await page.getByText('2 ready').waitFor();
  });

  it('deploys, scales, rolls back and drains a machine', { timeout: 180_000 }, async () => {
    const { home } = testConsole;
    const { clusterFile, dir } = clusterPaths(cluster, home);
    const file = readClusterFile(await readFile(clusterFile, 'utf8'), { baseDir: dir, isRunning: true });
    await loadImage(file, await buildSampleImage(), { home });
    await keyboard.find('create', 'Create deployment');
    await keyboard.write('Name', 'tides');
    await keyboard.write('Image', sampleImageReference);
    await keyboard.press('Create');
    await page.getByRole('heading', { level: 1, name: 'tides' }).waitFor();
    await untilComplete(page);

    await keyboard.press('Replicas', 'ArrowRight');
    await keyboard.press('Apply');
    await until('three replicas', async () => (await spec()).replicas === 3);
    await page.getByText('Complete: all 3 pods run the newest revision.').waitFor();

    await keyboard.press('More actions', 'Enter', 'ArrowDown', 'Home', 'Enter');
    await keyboard.press('Add variable');
    await keyboard.write('Name of variable 1', 'GREETING');
    await keyboard.write('Value of variable 1', 'ahoy');
    await keyboard.press('Roll out');
    await until('the variable', async () => (await greeting()) === 'ahoy');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: /^Revisions\s*2$/ }).waitFor();
    await untilComplete(page);
    await keyboard.press(/^Pods\s*\d+$/, 'ArrowRight');
    await keyboard.press('Roll back to revision 1');
    await until('the first revision again', async () => (await greeting()) === undefined);
    await page.getByText('#3', { exact: true }).waitFor();
    await untilComplete(page);

    const worker = file.machines[1]?.name ?? '';
    await keyboard.find(worker, new RegExp(worker));
    await page.getByRole('heading', { level: 1, name: worker }).waitFor();
    await keyboard.press('Drain…');
    await page
      .getByRole('dialog')
      .getByText(/pods? moves?, and/)
      .waitFor();
    await keyboard.press('Drain');
    await page.waitForURL(/#\/build\/runs\//);
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 90_000 });
    expect((await workloads().resource<Node>(nodes).get(worker)).spec.unschedulable).toBe(true);
    const left = await until('three pods elsewhere', async () => {
      const now = await running();
      return now.length === 3 && now.every(({ spec: { nodeName } }) => nodeName !== worker) ? now : undefined;
    });
    expect(left).toHaveLength(3);
    expect(await keyboard.pointerPresses()).toBe(0);
  });

  it('takes the cluster apart after its name was typed', { timeout: 300_000 }, async () => {
    await goTo(page, `/build/${cluster}/deprovision`);
    await page.getByLabel(/^Type/).fill(cluster);
    await page.getByRole('button', { name: 'Take apart' }).click();
    await page.waitForURL(/#\/build\/runs\//);
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 240_000 });
    for (const machine of machines) expect(await builtBy(machine)).toBe('');
  });
});
