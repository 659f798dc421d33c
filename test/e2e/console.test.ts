/// <reference lib="dom" />
// The console in a real browser on a real control plane with hollow nodes: deploy, scale, change, roll back, look;
// every screen free of serious accessibility violations; everything by keyboard alone.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import { configMaps, pods, services, type ConfigMap, type Pod, type Service } from '../../api/kinds/core/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { seedCluster, settled } from '../screenshots/seed.ts';
import { seedKinds } from '../screenshots/seed-kinds.ts';
import { screens } from '../screenshots/screens.ts';
import type { TestControlPlane } from '../support/control-plane.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';
import type { TestConsole } from './console-browser.ts';
import { harbour as cluster, startHarbour, type Harbour } from './console-harbour.ts';
import { startHostileApi } from './hostile-api.ts';
import {
  changeImage,
  createDeployment,
  goTo,
  rollBackTo,
  scaleTo,
  seriousViolations,
  untilComplete,
} from './console-page.ts';

requires('chromium')('the console', () => {
  let stand: Harbour;
  let controlPlane: TestControlPlane;
  let testConsole: TestConsole;
  let client: RestClient;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    stand = await startHarbour(4);
    ({ controlPlane, testConsole, client, page, errors } = stand);
  });

  afterAll(() => stand?.close());

  const deployment = (name: string): Promise<Deployment> =>
    client.resource<Deployment>(deployments, 'default').get(name);
  const imageOf = async (name: string): Promise<string | undefined> =>
    (await deployment(name)).spec.template.spec?.containers[0]?.image;

  it('lists the cluster as healthy', async () => {
    await goTo(page, '/clusters');
    await page.getByText('Healthy').first().waitFor();
    await page.getByText('4 of 4 machines ready').waitFor();
  });

  it('deploys, scales, changes the image and rolls back with one click', async () => {
    await createDeployment(page, cluster, { name: 'tides', image: 'harbour/tides:1.0', replicas: 3 });
    await untilComplete(page);
    expect((await deployment('tides')).status?.readyReplicas).toBe(3);

    await scaleTo(page, 7);
    await until('seven pods', async () => (await deployment('tides')).status?.readyReplicas === 7);
    await page.getByText('Complete: all 7 pods run the newest revision.').waitFor();

    await changeImage(page, 'harbour/tides:2.0');
    await until('the new image', async () => (await imageOf('tides')) === 'harbour/tides:2.0');
    await untilComplete(page);

    await rollBackTo(page, 1);
    await until('the old image', async () => (await imageOf('tides')) === 'harbour/tides:1.0');
    await untilComplete(page);
    await page.getByText('#3', { exact: true }).waitFor();
  });

  it('takes a change back', async () => {
    await goTo(page, `/clusters/${cluster}/changes`);
    await page.getByRole('button', { name: 'Look and undo' }).nth(2).click(); // the scaling, before image and rollback
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Preview undo' }).click();
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await until('three replicas again', async () => (await deployment('tides')).spec.replicas === 3);
    expect(await imageOf('tides')).toBe('harbour/tides:1.0');
  });

  it('ticks the first hour off by what was done, and puts it away for good', async () => {
    await goTo(page, `/clusters/${cluster}/overview`);
    const guide = page.getByRole('region', { name: 'The first hour' });
    await guide.getByText('4 of 5 done').waitFor(); // nothing leads to the pods yet
    const open = guide.getByRole('listitem').filter({ hasText: '(open)' });
    expect(await open.allTextContents()).toEqual([expect.stringContaining('Make it reachable')]);
    const spec = { selector: { app: 'tides' }, ports: [{ port: 80 }] };
    const made = { metadata: { name: 'tides' }, spec } as unknown as Draft<Service>;
    await client.resource<Service>(services, 'default').create(made);
    await guide.getByText('That was the first hour').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await guide.getByRole('button', { name: 'Put away' }).click();
    await guide.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('What needs attention').waitFor();
    expect(await guide.count()).toBe(0);
    await client.resource<Service>(services, 'default').delete('tides');
  });

  it('deletes only after the name was typed, and brings the deployment back', async () => {
    await goTo(page, `/clusters/${cluster}/deployments/default/tides`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Type/).fill('tides');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/deployments$/);
    await until('the pods to be gone', async () => {
      const { items } = await client.resource<Pod>(pods, 'default').list({ labelSelector: 'app=tides' });
      return items.length === 0;
    });

    await goTo(page, `/clusters/${cluster}/changes`);
    await page.getByRole('button', { name: 'Look and undo' }).first().click();
    await page.getByRole('button', { name: 'Preview undo' }).click();
    await page.getByRole('button', { name: 'Take back' }).click();
    await until('the deployment back', async () => (await deployment('tides')).status?.readyReplicas === 3);
  });

  it('shows on the map what the API says, also in words', async () => {
    await goTo(page, `/clusters/${cluster}/placement`);
    await page.getByRole('application', { name: 'Map of 4 machines and 3 pods' }).waitFor();
    await page.getByRole('radio', { name: 'Table' }).click();
    for (const name of ['hollow-1', 'hollow-2', 'hollow-3', 'hollow-4']) {
      await page.getByRole('grid', { name: 'Machines and their pods' }).getByRole('link', { name }).waitFor();
    }
    const { items } = await client.resource<Pod>(pods, 'default').list();
    for (const { metadata } of items) await page.getByRole('link', { name: metadata.name }).waitFor();
  });

  it('tells what is wrong in the words of the server, and what to do', async () => {
    await goTo(page, `/clusters/${cluster}/deployments/new`);
    await page.getByLabel('Name', { exact: true }).fill('tides');
    await page.getByLabel('Image').fill('harbour/tides:1.0');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page
      .getByText(/already exists/)
      .first()
      .waitFor();
    await page.getByText('Choose another name, or change the existing one.').first().waitFor();
  });

  it('says where a deployment answers, rolls out a variable, and says why pods wait and where help is', async () => {
    const exposed: Draft<Service> = {
      metadata: { name: 'shoals', namespace: 'default' },
      spec: { type: 'NodePort', selector: { app: 'shoals' }, ports: [{ port: 80 }] },
    };
    await createDeployment(page, cluster, { name: 'shoals', image: 'harbour/shoals:1.0', replicas: 2 });
    await untilComplete(page);
    const { spec } = await client.resource<Service>(services, 'default').create(exposed);
    await page.getByText('shoals.default:80').waitFor();
    await page
      .getByText(`:${spec.ports?.[0]?.nodePort ?? 0}`, { exact: false })
      .first()
      .waitFor();

    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Change variables' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add variable' }).click();
    await dialog.getByLabel('Name of variable 1').fill('GREETING');
    await dialog.getByLabel('Value of variable 1').fill('ahoy');
    await dialog.getByRole('button', { name: 'Roll out' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const env = (await deployment('shoals')).spec.template.spec?.containers[0]?.env;
    expect(env).toEqual([{ name: 'GREETING', value: 'ahoy' }]);
    await untilComplete(page);

    const resources = { requests: { cpu: '4000' } };
    const body = { spec: { template: { spec: { containers: [{ name: 'shoals', resources }] } } } };
    await client.resource<Deployment>(deployments, 'default').patch('shoals', { type: 'strategic', body });
    await goTo(page, `/clusters/${cluster}/overview`);
    await page.getByText('No machine takes it.').waitFor();
    await page.getByRole('link', { name: 'Revisions and rollback' }).first().click();
    await page
      .getByText('It makes no progress', { exact: false })
      .or(page.getByText('No machine takes it.'))
      .first()
      .waitFor();
    await rollBackTo(page, 2);
    await untilComplete(page);
    await client.resource<Deployment>(deployments, 'default').delete('shoals');
    await client.resource<Service>(services, 'default').delete('shoals');
  });

  it('shows hostile text inert', async () => {
    const annotations = { note: '<img src=x onerror="window.hacked=1">', long: 'x'.repeat(200_000) };
    await client
      .resource<Deployment>(deployments, 'default')
      .patch('tides', { type: 'merge', body: { metadata: { annotations } } });
    await goTo(page, `/clusters/${cluster}/deployments/default/tides`);
    await page.getByRole('tab', { name: 'YAML' }).click();
    await until('the annotation', async () => (await page.locator('textarea').inputValue()).includes('onerror'));
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    const body = { metadata: { annotations: { note: null, long: null } } };
    await client.resource<Deployment>(deployments, 'default').patch('tides', { type: 'merge', body });
  });

  it('shows an annotation of 10 MB inert, and stays quick', async () => {
    const mark = '@hostile@';
    const metadata = { name: 'flotsam', annotations: { note: mark } };
    await client.resource<ConfigMap>(configMaps, 'default').create({ metadata } as Draft<ConfigMap>);
    const bomb = '<img src=x onerror="window.hacked=1">\u001b]0;taken\u0007\u202e';
    const liar = await startHostileApi(client, mark, bomb.repeat(Math.ceil((10 * 2 ** 20) / bomb.length)));
    try {
      const known = await testConsole.services.invoke('clusters.import', { name: 'liar', kubeconfig: liar.kubeconfig });
      if (!known.ok) throw new Error(known.error.message);
      const { id } = known.value;
      await goTo(page, `/clusters/${id}/objects/core/v1/ConfigMap/default/flotsam`);
      await page.getByText('onerror').first().waitFor();
      await page.getByRole('tab', { name: 'YAML' }).click();
      await page.getByText('This object is too long to be shown whole').waitFor();
      expect((await page.locator('textarea').inputValue()).length).toBeLessThan(10_000);
      expect(await page.locator('textarea').isEditable()).toBe(false);
      expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
      expect(await page.title()).not.toContain('taken');
      await testConsole.services.invoke('clusters.remove', { clusterId: id });
    } finally {
      liar.close();
    }
    await goTo(page, `/clusters/${cluster}/overview`);
  });

  it('goes on by itself when the API server comes back', async () => {
    await goTo(page, `/clusters/${cluster}/pods`);
    await page
      .getByRole('link', { name: /^tides-/ })
      .first()
      .waitFor();
    controlPlane.process.kill('SIGSTOP');
    try {
      await page.getByText(/does not answer/).waitFor({ timeout: 30_000 });
    } finally {
      controlPlane.process.kill('SIGCONT');
    }
    await page.getByText(/does not answer/).waitFor({ state: 'hidden', timeout: 30_000 });
    await page
      .getByRole('link', { name: /^tides-/ })
      .first()
      .waitFor();
  });

  it('opens a screen whose files did not arrive at first', async () => {
    const fresh = await testConsole.open();
    await goTo(fresh.page, `/clusters/${cluster}/overview`);
    let lost = 0;
    const file = /\/assets\/StoragePage-[^/]*\.(css|js)$/;
    await fresh.page.route(file, (route) => (lost++ === 0 ? route.abort() : route.continue()));
    await fresh.page.getByRole('link', { name: 'Storage' }).click();
    await fresh.page.getByRole('heading', { name: 'Storage', level: 1 }).waitFor();
    expect(lost).toBeGreaterThan(1);
    await fresh.page.context().close();
  });

  it('can be used by keyboard alone', async () => {
    await goTo(page, `/clusters/${cluster}/deployments/new`);
    const tabTo = async (matches: (label: string) => boolean): Promise<void> => {
      for (let presses = 0; presses < 80; presses++) {
        const label = await page.evaluate(() => {
          const element = document.activeElement;
          const own =
            element?.getAttribute('aria-label') ?? (element as HTMLInputElement | null)?.labels?.[0]?.textContent;
          return (own ?? element?.textContent ?? '').trim();
        });
        if (matches(label)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error('Tab never came there');
    };
    await tabTo((label) => label === 'Name');
    await page.keyboard.type('knots');
    await tabTo((label) => label === 'Image');
    await page.keyboard.type('harbour/knots:1.0');
    await tabTo((label) => label === 'Create');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'knots' }).waitFor();
    await untilComplete(page);
    await tabTo((label) => label === 'Replicas');
    await page.keyboard.press('ArrowRight');
    await tabTo((label) => label === 'Apply');
    await page.keyboard.press('Enter');
    await until('three replicas', async () => (await deployment('knots')).spec.replicas === 3);

    await goTo(page, `/clusters/${cluster}/placement`);
    await page.getByRole('application', { name: /^Map of 4 machines and [1-9]\d* pods$/ }).waitFor();
    await tabTo((label) => label.startsWith('Map of'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/pods\/default\//);
  });

  it('has no serious accessibility violation on any screen, light and dark', { timeout: 420_000 }, async () => {
    await seedCluster(controlPlane.kubeconfigPath);
    await seedKinds(controlPlane.kubeconfigPath);
    await settled(controlPlane.kubeconfigPath);
    const found: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await testConsole.services.invoke('settings.set', { theme });
      const fresh = await testConsole.open({ reducedMotion: 'reduce' });
      for (const screen of screens) {
        await goTo(fresh.page, screen.path);
        await screen.prepare?.(fresh.page);
        await fresh.page.waitForTimeout(300);
        for (const { id, targets } of await seriousViolations(fresh.page))
          found.push(`${screen.name} ${theme}: ${id} ${targets.join(' | ')}`);
        await screen.leave?.(fresh.page);
      }
      await fresh.page.context().close();
    }
    expect(found).toEqual([]);
  });

  it('made the page complain about nothing', () => {
    expect(errors).toEqual([]);
  });
});
