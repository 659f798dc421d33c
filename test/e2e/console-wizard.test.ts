// The wizard in a real browser on real machines: two bare ones become a cluster, the run is cancelled half way and
// resumed, and the cluster is taken apart again; mistakes are found before anything is changed.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { nodes, type Node } from '../../api/kinds/core/index.ts';
import { labDown, labUp, type LabMachine } from '../../provisioning/index.ts';
import { connect } from '../screenshots/seed.ts';
import { requires } from '../support/requirements.ts';
import { runOnMachine } from '../support/shared-lab.ts';
import { until } from '../support/until.ts';
import { startTestConsole, type TestConsole } from './console-browser.ts';
import { fillMachines, goTo, seriousViolations } from './console-page.ts';

const cluster = 'jetty';
const lab = `wiz${process.pid % 10_000}`;

requires('lab', 'chromium')('the wizard', () => {
  let testConsole: TestConsole;
  let machines: readonly LabMachine[];
  let page: Page;

  beforeAll(async () => {
    testConsole = await startTestConsole();
    ({ machines } = await labUp({ name: lab, home: testConsole.home, masters: 1, workers: 1, bare: true }));
    await testConsole.services.invoke('settings.set', { language: 'en', theme: 'light' });
    ({ page } = await testConsole.open());
    page.setDefaultTimeout(30_000);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      await page.screenshot({
        path: join(tmpdir(), `pilothouse-wizard-${task.name.slice(0, 20).replaceAll(' ', '-')}.png`),
      });
    }
  });

  afterAll(async () => {
    if (testConsole !== undefined) {
      await labDown({ name: lab, home: testConsole.home });
      await testConsole.close();
    }
  });

  const addresses = (): string[] => machines.map(({ user, address }) => `${user}@${address}`);
  const keyPath = (): string => machines[0]?.keyPath ?? '';
  const builtBy = (machine: LabMachine): Promise<string> =>
    runOnMachine(machine, 'ls -d /opt/pilothouse /etc/pilothouse /var/lib/pilothouse 2>/dev/null || true');

  it('finds what is wrong on all machines at once, with remedies, and has changed nothing', async () => {
    await fillMachines(page, {
      name: cluster,
      // Nobody lives at this address of the lab's own network.
      addresses: [...addresses(), `root@${machines[0]?.address.replace(/\d+$/, '250')}`],
      keyPath: '/nonexistent/key',
    });
    await page.getByRole('button', { name: 'Test all' }).click();
    await until(
      'an answer for each machine',
      async () => (await page.locator('.machines [role=status]').count()) === 3,
    );
    await until(
      'three refusals',
      async () => (await page.locator('.machines .check, .machines .state.bad').count()) >= 3,
    );
    for (const machine of machines) expect(await builtBy(machine)).toBe('');
    await page.getByRole('button', { name: 'Remove machine-250', exact: true }).click();
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('tests machines, suggests roles and shows the plan before anything is changed', async () => {
    await page.getByLabel('Private key on this computer').fill(keyPath());
    await page.getByRole('button', { name: 'Test all' }).click();
    await until('both machines fit', async () => (await page.getByText('Fit for a cluster').count()) === 2, 90_000);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(/With one master, losing it stops all changes/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('All machines are fit.').waitFor({ timeout: 90_000 });
    await page.getByText('Nothing has been changed so far.').waitFor();
    await page.getByText(/^What will be done: \d+ steps/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    for (const machine of machines) expect(await builtBy(machine)).toBe('');
  });

  it('builds the cluster, also after the run was cancelled half way', { timeout: 420_000 }, async () => {
    await page.getByRole('button', { name: 'Build cluster' }).click();
    await page.waitForURL(/#\/build\/runs\//);
    await until('some steps to be done', async () => (await page.locator('.step.done').count()) >= 4, 240_000);
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('link', { name: 'Open cluster' }).waitFor({ timeout: 300_000 });

    const client = connect(join(testConsole.home, 'clusters', cluster, 'kubeconfig'));
    const { items } = await client.resource<Node>(nodes).list();
    client.close();
    const ready = items.filter(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
    expect(ready).toHaveLength(2);
    await page.getByRole('link', { name: 'Open cluster' }).click();
    await page.getByText('2 ready').waitFor();
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
