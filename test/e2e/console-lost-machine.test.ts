// A machine that goes silent while its page is open, in a real browser: the page, the list of problems and the map say so,
// what ran there stays readable, every window counts it as a notification until it is read, and a machine that is taken
// from the cluster leaves a page that says that.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodes, pods, type Node, type Pod } from '../../api/kinds/core/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';
import { harbour as cluster, startHarbour, type Harbour } from './console-harbour.ts';
import { goTo, seriousViolations } from './console-page.ts';

/** Longer than the pause between two reports of a machine, and shorter than anybody's patience. */
const grace = '15s';

/** Two windows count it; read in one, it is read in both, and leads to the machine. Ends on the machine's page. */
async function tellsInEveryWindow({ page, errors }: Harbour, name: string): Promise<void> {
  const other = await page.context().newPage();
  other.on('pageerror', (error) => errors.push(error.message));
  await other.goto(page.url());
  const windows = [page, other];
  for (const one of windows) await one.getByRole('link', { name: /^Notifications\s*1 unread$/ }).waitFor();
  await page.getByRole('link', { name: /^Notifications/ }).click();
  const waiting = page.getByRole('region', { name: 'Waiting now' });
  await waiting.getByText('unread').waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await waiting.getByRole('link', { name: `Machine ${name} is lost` }).click();
  await page.getByText('Silent', { exact: true }).first().waitFor();
  for (const one of windows) await one.getByRole('link', { name: 'Notifications', exact: true }).waitFor();
  await other.close();
}

requires('chromium')('a machine that is lost', () => {
  let stand: Harbour;

  beforeAll(async () => {
    stand = await startHarbour(1, undefined, ['--node-monitor-grace', grace], { notifyAfterMs: 0 });
  });

  afterAll(() => stand?.close());

  it('is told while its page is open, with what ran there', async () => {
    const { client, page, controlPlane } = stand;
    const spec = { containers: [{ name: 'main', image: 'harbour/tides:1' }] };
    await until('the machine', async () => (await client.resource<Node>(nodes).list()).items.length === 1);
    const [machine] = (await client.resource<Node>(nodes).list()).items;
    const name = machine?.metadata.name ?? '';
    await client.resource<Pod>(pods, 'default').create({ metadata: { name: 'tides' }, spec } as unknown as Draft<Pod>);
    await goTo(page, `/clusters/${cluster}/nodes/${name}`);
    await page.getByText('Ready', { exact: true }).first().waitFor();
    await page.getByRole('link', { name: 'tides' }).waitFor();

    await controlPlane.loseNodes();
    await page.getByText('Silent', { exact: true }).first().waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'tides' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);

    await goTo(page, `/clusters/${cluster}/overview`);
    const problems = page.getByRole('region', { name: 'What needs attention' });
    await problems.getByText('Machine not ready:').waitFor();
    await problems.getByRole('link', { name }).click();
    await page.getByText('Silent', { exact: true }).first().waitFor();

    await tellsInEveryWindow(stand, name);

    await client.resource<Node>(nodes).delete(name);
    await page.getByText(`There is no machine ${name}`).waitFor();
    // With the machine out of the cluster nobody needs to look for it.
    await goTo(page, '/notifications');
    await page
      .getByRole('region', { name: 'Over in the last seven days' })
      .getByText(`Machine ${name} is lost`)
      .waitFor();
    expect(stand.errors).toEqual([]);
  });
});
