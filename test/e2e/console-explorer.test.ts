/// <reference lib="dom" />
// The console's screens over every kind, in a real browser on a real control plane with hollow nodes: tables, graphs,
// workload actions, secrets, logs, network, access, the palette, undo of a namespace; and its failures.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statefulSets, type StatefulSet } from '../../api/kinds/apps/index.ts';
import { cronJobs, jobs, type CronJob, type Job } from '../../api/kinds/batch/index.ts';
import {
  configMaps,
  namespaces,
  nodes,
  type ConfigMap,
  type Namespace,
  type Node,
} from '../../api/kinds/core/index.ts';
import { roleBindings, type RoleBinding } from '../../api/kinds/rbac/index.ts';
import { isApiError } from '../../api/meta/status.ts';
import { clusterOf, formatKubeconfig, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient, type RestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { seedKinds } from '../screenshots/seed-kinds.ts';
import type { TestControlPlane } from '../support/control-plane.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';
import type { TestConsole } from './console-browser.ts';
import { startHarbour, type Harbour } from './console-harbour.ts';
import { goTo } from './console-page.ts';

const base = '/clusters/harbour';

requires('chromium')('the console over every kind', () => {
  let stand: Harbour;
  let controlPlane: TestControlPlane;
  let testConsole: TestConsole;
  let client: RestClient;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    stand = await startHarbour(3, async ({ kubeconfigPath }, api) => {
      await api.resource<Namespace>(namespaces).create({ metadata: { name: 'shop' } } as never);
      await seedKinds(kubeconfigPath);
    });
    ({ controlPlane, testConsole, client, page, errors } = stand);
  });

  afterAll(() => stand?.close());

  const ledger = (): Promise<StatefulSet> => client.resource<StatefulSet>(statefulSets, 'shop').get('ledger');

  it('lists a custom kind with its own columns, and follows it', async () => {
    await goTo(page, `${base}/explore/boats.example/v1/Dinghy`);
    const table = page.getByRole('grid', { name: 'Dinghy' });
    await table.getByRole('link', { name: 'tender' }).waitFor();
    await table.getByRole('columnheader', { name: 'Seats' }).waitFor();
    await table.getByText('4', { exact: true }).waitFor();
    const path = '/apis/boats.example/v1/namespaces/shop/dinghies/tender';
    const headers = { 'content-type': 'application/merge-patch+json' };
    await client.request({ method: 'PATCH', path, headers, body: JSON.stringify({ spec: { seats: 6 } }) });
    await table.getByText('6', { exact: true }).waitFor();
  });

  it('shows what belongs to a service, scales and restarts a stateful set, and rolls it back', async () => {
    await until('three pods', async () => (await ledger()).status?.readyReplicas === 3);
    await goTo(page, `${base}/objects/core/v1/Service/shop/ledger`);
    const graph = page.getByRole('group', { name: 'What belongs together' });
    for (const name of ['Ingress ledger', 'Pod ledger-0', 'Pod ledger-2'])
      await graph.getByTitle(name, { exact: true }).waitFor();

    await goTo(page, `${base}/objects/apps/v1/StatefulSet/shop/ledger`);
    await page.getByRole('button', { name: 'Scale' }).click();
    await page.getByRole('dialog').getByLabel('Replicas').fill('4');
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await until('four replicas', async () => (await ledger()).spec.replicas === 4);
    await page.getByRole('button', { name: 'Restart' }).click();
    await until('the restart', async () => JSON.stringify((await ledger()).spec.template).includes('restartedAt'));
    await page.getByRole('tab', { name: 'Revisions' }).click();
    await page.getByRole('button', { name: 'Roll back to revision 1' }).click();
    await until(
      'the first template',
      async () => !JSON.stringify((await ledger()).spec.template).includes('restartedAt'),
    );
  });

  it('suspends a cron job and runs it now', async () => {
    await goTo(page, `${base}/objects/batch/v1/CronJob/shop/tidy`);
    await page.getByRole('button', { name: 'Suspend' }).click();
    const cron = client.resource<CronJob>(cronJobs, 'shop');
    await until('the suspension', async () => (await cron.get('tidy')).spec.suspend === true);
    await page.getByRole('button', { name: 'Run now' }).click();
    await until('a job', async () => (await client.resource<Job>(jobs, 'shop').list()).items.length === 1);
  });

  it('keeps a secret until asked', async () => {
    await goTo(page, `${base}/objects/core/v1/Secret/shop/ledger-keys`);
    await page.getByRole('tab', { name: 'YAML' }).click();
    await until('the mask', async () => (await page.locator('textarea').inputValue()).includes('<hidden>'));
    expect(await page.content()).not.toContain('bm90LWZvci1ldmVyeWJvZHk');
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByText('Hidden', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('not-for-everybody').waitFor();
  });

  it('says who can do what and why, and whether one pod may reach another', async () => {
    await goTo(page, `${base}/access`);
    await page.getByLabel('Action').selectOption('patch');
    await page.getByLabel('On', { exact: true }).fill('deployments');
    await page.getByRole('button', { name: 'Ask' }).click();
    const row = page.getByRole('row').filter({ hasText: 'ada' });
    expect(await row.textContent()).toContain('harbour-pilot');

    await goTo(page, `${base}/network?tab=reach`);
    await page.getByLabel('From pod').fill('shop/ledger-0');
    await page.getByLabel('To pod').fill('shop/ledger-1');
    await page.getByLabel('Port', { exact: true }).fill('8080');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('No, it may not').waitFor();
    await page.getByRole('link', { name: 'ledger-only-from-cart' }).waitFor();
  });

  it('rehearses the loss of a machine on the map, and does nothing', async () => {
    await goTo(page, `${base}/placement`);
    await page.locator('canvas').focus();
    const drained = page.getByRole('button', { name: 'it is drained' });
    await until('a machine to be chosen', async () => {
      await page.keyboard.press('ArrowDown'); // does nothing before the machines are drawn
      return drained.isVisible();
    });
    await drained.click();
    await page.getByRole('region', { name: 'Rehearsal: nothing has been done' }).waitFor();
    for (const { spec } of (await client.resource<Node>(nodes).list()).items)
      expect(spec.unschedulable ?? false).toBe(false);
  });

  it('lets a colleague in with a certificate and a role', async () => {
    const wish = { name: 'bea', role: 'view', namespace: 'shop', days: 2 };
    const answer = await testConsole.services.invoke('access.invite', { clusterId: 'harbour', wish });
    if (!answer.ok) throw new Error(answer.error.message);
    const bea = createRestClient({
      transport: createHttpsTransport(clusterOf(loadKubeconfig(answer.value.kubeconfig))),
    });
    expect((await bea.resource<ConfigMap>(configMaps, 'shop').list()).items.length).toBeGreaterThan(0);
    await expect(bea.resource<ConfigMap>(configMaps, 'default').list()).rejects.toThrow(/forbidden/i);
    bea.close();
    const { items } = await client.resource<RoleBinding>(roleBindings, 'shop').list();
    expect(items.some(({ subjects }) => subjects?.some(({ name }) => name === 'bea'))).toBe(true);
  });

  it('finds anything by a few letters', async () => {
    await goTo(page, `${base}/overview`);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('tender');
    await page.getByRole('option', { name: /tender/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'tender' }).waitFor();
  });

  it('brings back a deleted namespace with what it held', async () => {
    await goTo(page, `${base}/objects/core/v1/Namespace/-/shop`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Type/).fill('shop');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.waitFor({ state: 'hidden' }); // the change is on record
    await until('the namespace to be gone', async () =>
      client
        .resource<Namespace>(namespaces)
        .get('shop')
        .then(
          () => false,
          (error: unknown) => isApiError(error, 'NotFound'),
        ),
    );
    await goTo(page, `${base}/changes`);
    await page.getByRole('button', { name: 'Look and undo' }).first().click();
    await page.getByRole('button', { name: 'Preview undo' }).click();
    await page.getByRole('dialog').locator('ins', { hasText: 'kind: StatefulSet' }).first().waitFor();
    await page.getByRole('button', { name: 'Take back' }).click();
    await until('the workload to run again', async () =>
      ledger().then(
        ({ status }) => status?.readyReplicas === 4,
        () => false,
      ),
    );
  });

  it('answers a conflict while editing with what to do', async () => {
    await goTo(page, `${base}/objects/core/v1/ConfigMap/shop/ledger-settings`);
    await page.getByRole('tab', { name: 'YAML' }).click();
    const area = page.locator('textarea');
    await until('the text', async () => (await area.inputValue()).includes('REGION'));
    const text = await area.inputValue();
    await client
      .resource<ConfigMap>(configMaps, 'shop')
      .patch('ledger-settings', { type: 'merge', body: { data: { other: '1' } } });
    await area.fill(text.replace('north', 'south'));
    await page.getByRole('button', { name: /Review/ }).click();
    await page.getByText('Somebody changed it at the same time.').first().waitFor();
  });

  it('follows what becomes of a machine while its page is open', async () => {
    await goTo(page, `${base}/nodes/hollow-3`);
    await page.getByRole('heading', { level: 1, name: 'hollow-3' }).waitFor();
    await client.resource<Node>(nodes).patch('hollow-3', { type: 'merge', body: { spec: { unschedulable: true } } });
    await page
      .getByText(/Cordoned/i)
      .first()
      .waitFor();
  });

  it('shows a person of one namespace that one, says what it refuses, and when a token has ended', async () => {
    const access = clusterOf(loadKubeconfig(readFileSync(controlPlane.kubeconfigPath, 'utf8')));
    const { servers, ca } = access;
    const answer = await testConsole.services.invoke('access.invite', {
      clusterId: 'harbour',
      wish: { name: 'cleo', role: 'view', namespace: 'shop', days: 1 },
    });
    if (!answer.ok) throw new Error(answer.error.message);
    await testConsole.services.invoke('clusters.import', { name: 'narrow', kubeconfig: answer.value.kubeconfig });
    await goTo(page, '/clusters/narrow/pods');
    await page.getByText('You see the namespace shop only').waitFor({ timeout: 30_000 });
    await page.getByRole('link', { name: 'ledger-0' }).waitFor();
    await goTo(page, '/clusters/narrow/nodes');
    await page
      .getByText(/forbidden/i)
      .first()
      .waitFor();
    await page.getByText('Ask whoever administers the cluster for the permission named here.').first().waitFor();
    const kubeconfig = formatKubeconfig('ended', { servers, ca, token: 'not-a-token' });
    await testConsole.services.invoke('clusters.import', { name: 'ended', kubeconfig });
    writeFileSync(join(testConsole.home, 'clusters/ended/kubeconfig'), kubeconfig);
    await goTo(page, '/clusters/ended/pods');
    await page.getByText('The cluster does not accept these credentials').first().waitFor();
  });

  it('made the page complain about nothing', () => {
    expect(errors).toEqual([]);
  });
});
