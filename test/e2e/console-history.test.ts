/// <reference lib="dom" />
// Going back in time in a real browser: the map shows the past, the list what changed since, the check that the record
// is whole, and each agrees with what the API said then.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';
import type { TestConsole } from './console-browser.ts';
import { harbour as cluster, startHarbour, type Harbour } from './console-harbour.ts';
import { goTo, seriousViolations } from './console-page.ts';

requires('chromium')('the history of a cluster', () => {
  let stand: Harbour;
  let client: RestClient;
  let testConsole: TestConsole;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    stand = await startHarbour(3);
    ({ client, page, errors, testConsole } = stand);
  });

  afterAll(() => stand?.close());

  async function runs(replicas: number): Promise<void> {
    const api = client.resource<Deployment>(deployments, 'default');
    await until(`${replicas} ready`, async () => (await api.get('tides')).status?.readyReplicas === replicas);
  }

  it('shows how many pods ran before they were scaled away, what changed since, and brings it back', async () => {
    const api = client.resource<Deployment>(deployments, 'default');
    await api.create({
      metadata: { name: 'tides' },
      spec: {
        replicas: 5,
        selector: { matchLabels: { app: 'tides' } },
        template: {
          metadata: { labels: { app: 'tides' } },
          spec: { containers: [{ name: 'main', image: 'harbour/tides:1' }] },
        },
      },
    } as unknown as Deployment);
    await runs(5);
    await new Promise((resolve) => setTimeout(resolve, 3000)); // a moment to go back to
    const scaledAt = Date.now();
    await api.patch('tides', { type: 'merge', body: { spec: { replicas: 2 } } });
    await runs(2);

    await goTo(page, `/clusters/${cluster}/history`);
    const running = page.locator('.foot li', { hasText: 'Running' });
    await until('two pods now', async () => /2$/.test((await running.first().textContent())?.trim() ?? ''));
    await page.getByText('Nothing: this is how it is now.').waitFor();

    // Into the middle of the three seconds, a second a key, however long the pods took to go.
    const span = await testConsole.services.invoke('history.span', { clusterId: cluster, buckets: 1 });
    if (!span.ok) throw new Error(span.error.message);
    const seconds = Math.round(((span.value.to ?? 0) - (scaledAt - 1500)) / 1000);
    await page.getByRole('slider').focus();
    for (let second = 0; second < seconds; second++) await page.keyboard.press('ArrowLeft');
    await until('five pods then', async () => /5$/.test((await running.first().textContent())?.trim() ?? ''));
    const change = page.getByRole('button', { name: /^tides Changed · Deployment · default/ });
    await change.click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('del', { hasText: 'replicas: 5' }).first().waitFor();
    await dialog.locator('ins', { hasText: 'replicas: 2' }).first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await dialog.getByRole('button', { name: 'Bring it back as it was' }).click();
    await dialog.locator('ins', { hasText: 'replicas: 5' }).first().waitFor(); // tried, not done
    expect((await api.get('tides')).spec.replicas).toBe(2);
    await dialog.getByRole('button', { name: 'Bring back', exact: true }).click();
    await runs(5);

    await page.getByRole('button', { name: 'Newest' }).click();
    await until('five pods again', async () => /5$/.test((await running.first().textContent())?.trim() ?? ''));
  });

  it('proves that nobody changed the record', async () => {
    await page.getByRole('button', { name: 'Check the record' }).click();
    await page.getByText(/^Nobody has changed the record: all [\d,]+ lines hang together\.$/).waitFor();
    expect(errors).toEqual([]);
  });
});
