/// <reference lib="dom" />
// Upkeep in a real browser on a real cluster of lab machines: the quorum as its member says it, a backup that is made and
// proved, certificates, alerts, the plan of an upgrade; what is done inside a real container: shell, log, files, ports;
// and machines that the quorum cannot do without are refused.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { pods, type Pod } from '../../api/kinds/core/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import { labDown, labUp, type LabMachine } from '../../provisioning/index.ts';
import { sampleImageReference } from '../../provisioning/images/sample-image.ts';
import { connect } from '../screenshots/seed.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';
import { startTestConsole, type TestConsole } from './console-browser.ts';
import { goTo, seriousViolations } from './console-page.ts';

const lab = `keep${process.pid % 10_000}`;
const runMs = 120_000;

requires('lab', 'chromium')('upkeep', () => {
  let testConsole: TestConsole;
  let machines: readonly LabMachine[];
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    testConsole = await startTestConsole();
    ({ machines } = await labUp({ name: lab, home: testConsole.home, masters: 1, workers: 1 }));
    await testConsole.services.invoke('settings.set', { language: 'en', theme: 'light' });
    ({ page, errors } = await testConsole.open());
    page.setDefaultTimeout(30_000);
    await goTo(page, '/clusters');
    await page.getByRole('link', { name: lab }).waitFor();
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      await page.screenshot({
        path: join(tmpdir(), `pilothouse-upkeep-${task.name.slice(0, 16).replaceAll(' ', '-')}.png`),
      });
  });

  afterAll(async () => {
    if (testConsole === undefined) return;
    await labDown({ name: lab, home: testConsole.home });
    await testConsole.close();
  });

  const named = (role: 'master' | 'node'): string => machines.find((machine) => machine.role === role)?.name ?? '';
  const upkeep = (tab: string): Promise<void> => goTo(page, `/clusters/${lab}/upkeep?tab=${tab}`);
  async function untilDone(): Promise<void> {
    await page.waitForURL(/#\/build\/runs\//);
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: runMs });
  }

  it('shows the member that keeps the state, asked over the API and on its machine', async () => {
    await upkeep('quorum');
    const member = page.getByRole('grid').first();
    await member.getByText(named('master')).waitFor();
    await member.getByText(/^leader$/i).waitFor();
    await page.getByRole('button', { name: 'Ask the machines' }).click();
    await page.getByText('Every master works').waitFor();
    await page.getByText(/^≤ .* ms$/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('makes a backup on a master and proves that it can be restored', async () => {
    await upkeep('backups');
    await page.getByText('No backup lies here').waitFor();
    await page.getByRole('button', { name: 'Make one' }).click();
    const field = page.locator('input[name="recovery-key"]');
    const key = await until('a key to be made', async () => (await field.inputValue()) || undefined);
    expect(key.length).toBeGreaterThan(15);
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back up now' }).click();
    await untilDone();

    const place = { kind: 'machine' as const, machine: named('master') };
    const list = await testConsole.services.invoke('backups.list', { clusterId: lab, place });
    if (!list.ok) throw new Error(list.error.message);
    expect(list.value).toHaveLength(1);
    expect(list.value[0]?.proof?.objects).toBeGreaterThan(0); // what is made is proved at once

    await upkeep('backups');
    await page.getByText(/^The newest proved backup is/).waitFor();
    await page.locator('input[name="recovery-key"]').fill(key);
    await page.getByRole('button', { name: 'Prove', exact: true }).click();
    await untilDone();
  });

  it('lists every certificate with its end', async () => {
    await upkeep('certificates');
    const table = page.getByRole('grid', { name: 'Certificates' });
    await table.getByText(named('master')).first().waitFor();
    await page.getByText(/^The first to end is on/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('keeps where alerts go, without giving secrets back', async () => {
    await upkeep('alerts');
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    await page.getByLabel('Address of webhook 1').fill('https://127.0.0.1:9/alerts');
    await page.getByLabel('Secret of webhook 1').fill('not-to-be-seen');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Alerts go there from now on').waitFor();
    const answer = await testConsole.services.invoke('alerts.get', { clusterId: lab });
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value.settings.webhooks.map(({ url }) => url)).toEqual(['https://127.0.0.1:9/alerts']);
    expect(JSON.stringify(answer.value)).not.toContain('not-to-be-seen');
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('says what an upgrade would change before it is begun', async () => {
    await upkeep('upgrade');
    await page.getByRole('button', { name: 'Look what would change' }).click();
    await page.getByText(/^Every machine runs .* already$/).waitFor({ timeout: runMs });
    expect(await page.getByRole('button', { name: 'Upgrade', exact: true }).isDisabled()).toBe(true);
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('opens a shell that draws and does nothing else, and a log with hostile lines', async () => {
    const hostile = '\\033]0;hacked\\007\\033]52;c;aGFja2Vk\\007\\033[31mred\\033[0m <img src=x onerror=hacked=1>\\n';
    const container = {
      name: 'main',
      image: sampleImageReference,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', `printf '${hostile}'; exec /serve`],
      ports: [{ containerPort: 8080 }],
    };
    const spec = { containers: [container], terminationGracePeriodSeconds: 1 };
    const client = connect(join(testConsole.home, 'clusters', lab, 'kubeconfig'));
    await client.resource<Pod>(pods, 'default').create({ metadata: { name: 'galley' }, spec } as unknown as Draft<Pod>);
    client.close();

    await goTo(page, `/clusters/${lab}/pods/default/galley?tab=logs`);
    await page.getByText('red <img src=x onerror=hacked=1>').waitFor();
    await goTo(page, `/clusters/${lab}/pods/default/galley?tab=terminal`);
    await page.getByText('Shell in main').waitFor();
    const screen = page.locator('.xterm-accessibility-tree');
    await page.locator('.xterm-helper-textarea').focus();
    // The shell is there once it has answered; it then draws the same lines and asks what it could be told.
    await until('the shell', async () => {
      await page.keyboard.type('echo at=$((40+2))\n');
      return (await screen.textContent())?.includes('at=42') === true;
    });
    await page.keyboard.type(`printf '${hostile}\\033[c\\033[6n\\033]10;?\\007'; echo at=$((41+2))\n`);
    await until('its answer', async () => (await screen.textContent())?.includes('at=43') === true);
    await page.keyboard.type('echo at=$((42+2))\n'); // had a report been typed, this would be no command
    await until('its next answer', async () => (await screen.textContent())?.includes('at=44') === true);
    expect(await page.title()).not.toContain('hacked');
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(await seriousViolations(page)).toEqual([]);
  });

  it('puts a file into a container and takes it out', async () => {
    await goTo(page, `/clusters/${lab}/pods/default/galley?tab=files`);
    await page.getByRole('button', { name: 'Save serve' }).waitFor();
    const file = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('ahoy\n') };
    await page.locator('input[type=file]').setInputFiles(file);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save note.txt' }).click();
    expect((await saved).suggestedFilename()).toBe('note.txt');
    const wish = { clusterId: lab, namespace: 'default', name: 'galley', container: 'main', path: '/note.txt' };
    const read = await testConsole.services.invoke('files.read', wish);
    expect(read).toEqual({ ok: true, value: { base64: Buffer.from('ahoy\n').toString('base64') } });
  });

  it('forwards a port of a container', async () => {
    await goTo(page, `/clusters/${lab}/pods/default/galley`);
    await page.getByRole('button', { name: 'Forward a port' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Port of the pod').inputValue()).toBe('8080');
    await dialog.getByRole('button', { name: 'Forward a port' }).click();
    const told = await page.getByText(/^Open at 127\.0\.0\.1:\d+$/).textContent();
    const answer = await fetch(`http://${told?.replace('Open at ', '') ?? ''}/`, {
      signal: AbortSignal.timeout(30_000),
    });
    expect(await answer.text()).toContain('Hello from galley');
    await goTo(page, `/clusters/${lab}/forwards`);
    await page.getByRole('grid').getByRole('button', { name: 'Close' }).click();
    await page.getByText('No port is forwarded').waitFor();
  });

  it('refuses to take away the only machine that keeps the state, with the reason', async () => {
    const name = named('master');
    await goTo(page, `/clusters/${lab}/nodes/${name}`);
    const refused = await testConsole.services.invoke('machines.remove', { clusterId: lab, name, isDead: false });
    expect(refused).toMatchObject({
      ok: false,
      error: { reason: 'Conflict', message: expect.stringContaining('only machine') as string },
    });
    const worker = named('node');
    await goTo(page, `/clusters/${lab}/nodes/${worker}`);
    await page.getByRole('button', { name: `Actions for ${worker}` }).click();
    await page.getByRole('menuitem', { name: 'Reboot…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reboot', exact: true }).click();
    await untilDone();
    expect(errors).toEqual([]);
  });
});
