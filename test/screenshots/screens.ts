// Every screen, how to get there and what to wait for.
import type { Page } from 'playwright-core';

export interface Screen {
  readonly name: string;
  readonly path: string;
  readonly settleMs?: number;
  prepare?(page: Page): Promise<void>;
  leave?(page: Page): Promise<void>;
}

const base = '/clusters/harbour';
const escape = async (page: Page): Promise<void> => page.keyboard.press('Escape');

async function tab(page: Page, index: number): Promise<void> {
  await page.getByRole('tab').nth(index).click();
}

async function fillDraft(page: Page): Promise<void> {
  await page.locator('input[name=cluster]').fill('harbour');
  if ((await page.locator('.machines li').count()) > 0) return;
  await page
    .locator('textarea[name=addresses]')
    .fill('10.0.0.11 10.0.0.12 10.0.0.13 debian@10.0.0.21 debian@10.0.0.22');
  await page.locator('.add-button').click();
}

/** From the roles back to the machines: the wizard stays where it was left. */
const firstPage = (page: Page): Promise<void> => page.locator('.buttons button').first().click();

export const screens: readonly Screen[] = [
  { name: 'clusters', path: '/clusters' },
  {
    name: 'import',
    path: '/clusters',
    prepare: (page: Page): Promise<void> => page.locator('.actions button').first().click(),
    leave: escape,
  },
  {
    name: 'drills',
    path: `${base}/drills`,
    async prepare(page: Page): Promise<void> {
      const first = page.locator('#drill-targets option').first();
      await first.waitFor({ state: 'attached' });
      await page.locator('input[name=drill-target]').fill((await first.getAttribute('value')) ?? '');
      await page.locator('button[type=submit]').click();
      await page.getByRole('grid').first().waitFor();
    },
  },
  { name: 'trail', path: `${base}/trail` },
  { name: 'overview', path: `${base}/overview`, settleMs: 1500 },
  { name: 'placement', path: `${base}/placement`, settleMs: 1500 },
  {
    name: 'placement-chosen',
    path: `${base}/placement`,
    async prepare(page: Page): Promise<void> {
      await page.locator('canvas[data-filled]').focus();
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    },
  },
  {
    name: 'placement-why',
    path: `${base}/placement`,
    settleMs: 1500,
    async prepare(page: Page): Promise<void> {
      await page.locator('canvas[data-filled]').focus();
      for (const key of ['Home', 'ArrowDown']) await page.keyboard.press(key); // the first of those that wait
      await page.locator('.machines').waitFor();
    },
  },
  {
    name: 'placement-remedy',
    path: `${base}/placement`,
    async prepare(page: Page): Promise<void> {
      await page.locator('canvas[data-filled]').focus();
      for (const key of ['Home', 'ArrowDown']) await page.keyboard.press(key);
      await page.locator('.remedy button').first().click();
      await page.locator('.outcome').waitFor();
    },
    leave: escape,
  },
  {
    name: 'placement-what-if',
    path: `${base}/placement`,
    settleMs: 1500,
    async prepare(page: Page): Promise<void> {
      await page.locator('canvas[data-filled]').focus();
      for (const key of ['Home', 'PageDown', 'PageDown']) await page.keyboard.press(key);
      await page.locator('.what-if button').first().click();
      await page.locator('.verdict').waitFor();
    },
    leave: (page: Page): Promise<void> => page.locator('.bar .buttons button').first().click(),
  },
  {
    name: 'placement-table',
    path: `${base}/placement`,
    prepare: (page: Page): Promise<void> => page.getByRole('radio').nth(1).click(),
  },
  { name: 'deployments', path: `${base}/deployments` },
  {
    name: 'deployment-create',
    path: `${base}/deployments/new`,
    settleMs: 1500,
    async prepare(page: Page): Promise<void> {
      await page.locator('input[name=name]').fill('shop');
      await page.locator('input[name=image]').fill('registry.example/shop:2.4');
      await page.locator('input[name=port]').fill('8080');
    },
  },
  { name: 'deployment', path: `${base}/deployments/default/web`, settleMs: 1200 },
  { name: 'deployment-scaling', path: `${base}/deployments/default/web?tab=scaling`, settleMs: 1500 },
  {
    name: 'deployment-revisions',
    path: `${base}/deployments/default/web`,
    async prepare(page: Page): Promise<void> {
      await tab(page, 1);
      await page.locator('.revision button').first().click();
    },
  },
  {
    name: 'deployment-facts',
    path: `${base}/deployments/default/web`,
    prepare: (page: Page): Promise<void> => tab(page, 2),
  },
  {
    name: 'deployment-yaml',
    path: `${base}/deployments/default/web`,
    prepare: (page: Page): Promise<void> => tab(page, 4),
  },
  { name: 'pods', path: `${base}/pods` },
  {
    name: 'pod',
    path: `${base}/pods`,
    async prepare(page: Page): Promise<void> {
      await page.locator('.table-row a').first().click();
      await page.getByRole('tab').first().waitFor();
    },
  },
  {
    name: 'pod-logs',
    path: `${base}/pods`,
    settleMs: 1500,
    async prepare(page: Page): Promise<void> {
      await page.locator('.table-row a').first().click();
      await tab(page, 1);
    },
  },
  {
    name: 'pod-why',
    path: `${base}/pods`,
    async prepare(page: Page): Promise<void> {
      await page.locator('.table-row a').first().click();
      await page.locator('summary').first().click();
      await page.locator('.machines').waitFor();
    },
  },
  {
    name: 'pod-pending',
    path: `${base}/pods`,
    settleMs: 1200,
    async prepare(page: Page): Promise<void> {
      await page.getByRole('searchbox').fill('trainer');
      await page.locator('.table-row a').first().click();
      await page.getByRole('tab').first().waitFor();
    },
  },
  { name: 'workloads', path: `${base}/workloads` },
  { name: 'explorer', path: `${base}/explore/boats.example/v1/Dinghy`, settleMs: 1000 },
  { name: 'object', path: `${base}/objects/apps/v1/StatefulSet/shop/ledger`, settleMs: 1200 },
  {
    name: 'object-secret',
    path: `${base}/objects/core/v1/Secret/shop/ledger-keys`,
    prepare: (page: Page): Promise<void> => tab(page, 1),
  },
  { name: 'logs', path: `${base}/logs?target=shop/StatefulSet/ledger`, settleMs: 1200 },
  { name: 'logs-empty', path: `${base}/logs` },
  { name: 'network', path: `${base}/network`, settleMs: 1200 },
  { name: 'network-reach', path: `${base}/network?tab=reach` },
  { name: 'configuration', path: `${base}/configuration` },
  { name: 'storage', path: `${base}/storage` },
  { name: 'access', path: `${base}/access`, settleMs: 1000 },
  {
    name: 'access-invite',
    path: `${base}/access`,
    prepare: (page: Page): Promise<void> => page.locator('.actions .primary').click(),
    leave: escape,
  },
  { name: 'metrics', path: `${base}/metrics`, settleMs: 1500 },
  { name: 'forwards', path: `${base}/forwards` },
  { name: 'nodes', path: `${base}/nodes` },
  { name: 'node', path: `${base}/nodes/hollow-1` },
  {
    name: 'node-drain',
    path: `${base}/nodes/hollow-1`,
    async prepare(page: Page): Promise<void> {
      await page.locator('header .actions button').nth(1).click();
      await page.locator('.pods').waitFor();
    },
    leave: escape,
  },
  {
    name: 'node-marks',
    path: `${base}/nodes/hollow-1`,
    async prepare(page: Page): Promise<void> {
      await page.locator('header .actions button').nth(2).click();
      await page.getByRole('menuitem').first().click();
      await page.getByRole('dialog').locator('fieldset').first().waitFor();
    },
    leave: escape,
  },
  { name: 'upkeep', path: `${base}/upkeep`, settleMs: 1000 },
  { name: 'events', path: `${base}/events` },
  { name: 'changes', path: `${base}/changes` },
  {
    name: 'history',
    path: `${base}/history`,
    settleMs: 1500,
    async prepare(page: Page): Promise<void> {
      await page.getByRole('slider').focus();
      await page.keyboard.press('Home');
      for (let second = 0; second < 2; second++) await page.keyboard.press('ArrowRight');
    },
  },
  { name: 'settings', path: '/settings' },
  {
    name: 'placement-qos',
    path: `${base}/placement`,
    async prepare(page: Page): Promise<void> {
      await page.locator('canvas[data-filled]').waitFor();
      await page.locator('select:has(option[value=qos])').selectOption('qos');
    },
  },
  { name: 'notifications', path: '/notifications' },
  { name: 'build-machines', path: '/build', prepare: fillDraft },
  {
    name: 'build-roles',
    path: '/build',
    async prepare(page: Page): Promise<void> {
      await fillDraft(page);
      await page.locator('.buttons button').last().click();
    },
    leave: firstPage,
  },
  {
    name: 'build-roles-etcd',
    path: '/build',
    async prepare(page: Page): Promise<void> {
      await fillDraft(page);
      await page.locator('.buttons button').last().click();
      const etcd = page.getByRole('switch');
      if ((await etcd.getAttribute('aria-checked')) === 'false') await etcd.click();
      await page.locator('input[name=etcd-endpoints]').fill('https://10.0.0.31:2379, https://10.0.0.32:2379');
      await page.locator('input[name=etcd-keyFile]').scrollIntoViewIfNeeded();
    },
    leave: firstPage,
  },
  { name: 'deprovision', path: '/build/harbour/deprovision' },
];
