/// <reference lib="dom" />
// Placement explained and rehearsed, and machines emptied and marked, in a real browser: each is checked through the API.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../api/kinds/autoscaling/index.ts';
import { nodes, pods, type Node, type Pod } from '../../api/kinds/core/index.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';
import { harbour as cluster, startHarbour, type Harbour } from './console-harbour.ts';
import { goTo, seriousViolations } from './console-page.ts';

const selector = { disktype: 'ssd' };

requires('chromium')('machines and placement', () => {
  let stand: Harbour;
  let client: RestClient;
  let page: Page;

  beforeAll(async () => {
    stand = await startHarbour(3);
    ({ client, page } = stand);
    await deploy('tides', 6, {});
    await until('six pods', async () => (await podsOf('tides')).every(({ spec }) => spec.nodeName));
  });

  afterAll(() => stand?.close());

  async function deploy(name: string, replicas: number, more: object): Promise<void> {
    const containers = [{ name: 'main', image: `harbour/${name}:1`, resources: { requests: { cpu: '100m' } } }];
    await client.resource<Deployment>(deployments, 'default').create({
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers, ...more } },
      },
    } as unknown as Deployment);
    await until(`${name} to have pods`, async () => (await podsOf(name)).length === replicas);
  }
  const podsOf = async (name: string): Promise<readonly Pod[]> =>
    (await client.resource<Pod>(pods, 'default').list({ labelSelector: `app=${name}` })).items;
  const nodeOf = (name: string): Promise<Node> => client.resource<Node>(nodes).get(name);
  /** Chooses by keyboard: from the first box of the map. */
  async function choose(...keys: string[]): Promise<void> {
    await page.locator('canvas').focus();
    for (const key of ['Home', ...keys]) await page.keyboard.press(key);
  }

  it('says why a pod waits, colours the machines by it, and does what would help', async () => {
    await deploy('vault', 1, { nodeSelector: selector });
    await goTo(page, `/clusters/${cluster}/placement`);
    await page.getByRole('application', { name: 'Map of 3 machines and 7 pods' }).waitFor();
    await choose('ArrowDown');
    await page.getByText('It fits on none of 3 machines.').waitFor();
    await page
      .getByRole('list', { name: 'What the machines say of this pod' })
      .getByText('Labels do not match 3')
      .waitFor();
    const remedy = page.getByRole('button', { name: /^Try: Label hollow-\d with disktype=ssd$/ });
    await remedy.first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/would then run on hollow-\d/).waitFor();
    await dialog.locator('ins', { hasText: 'disktype: ssd' }).waitFor();
    expect((await client.resource<Node>(nodes).list()).items.some((one) => one.metadata.labels?.['disktype'])).toBe(
      false,
    );
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Apply', exact: true }).click();
    await until('the pod to be placed', async () => (await podsOf('vault'))[0]?.spec.nodeName !== undefined);
  });

  it('shows a drain as ghosts before it is done, and does it when told', async () => {
    await goTo(page, `/clusters/${cluster}/overview`);
    await goTo(page, `/clusters/${cluster}/placement`);
    await page.getByRole('application', { name: 'Map of 3 machines and 7 pods' }).waitFor();
    // A machine whose pods find room elsewhere: the pod that needs a disk of its own finds none.
    const [vault] = await podsOf('vault');
    await choose(...(vault?.spec.nodeName === 'hollow-1' ? ['PageDown'] : []));
    const name = (await page.locator('.inspector h2').textContent())?.trim() ?? '';
    const here = (await podsOf('tides')).filter(({ spec }) => spec.nodeName === name).length;
    expect(here).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'it is drained' }).click();
    const bar = page.getByRole('region', { name: 'Rehearsal: nothing has been done' });
    await bar.getByText(`${name} drained`).waitFor();
    await bar.getByText(/moves?, and/).waitFor();
    await bar.getByText(/would be at/).waitFor();
    expect((await nodeOf(name)).spec.unschedulable ?? false).toBe(false);
    expect(await seriousViolations(page)).toEqual([]);

    await bar.getByRole('button', { name: 'Apply…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply…' }).click();
    await page.waitForURL(/#\/build\/runs\//);
    await page.getByText('Done', { exact: true }).first().waitFor();
    const left = (await podsOf('tides')).filter(({ spec }) => spec.nodeName === name);
    expect(left).toEqual([]);
    expect((await nodeOf(name)).spec.unschedulable).toBe(true);
    await client.resource<Node>(nodes).patch(name, { type: 'merge', body: { spec: { unschedulable: null } } });
  });

  it('drops a rehearsal without a trace', async () => {
    await goTo(page, `/clusters/${cluster}/placement`);
    await page.getByRole('application', { name: 'Map of 3 machines and 7 pods' }).waitFor();
    await choose();
    await page.getByRole('spinbutton', { name: 'How many machines more' }).fill('2');
    await page.getByRole('button', { name: 'more like it come' }).click();
    await page.getByRole('application', { name: 'Map of 5 machines and 7 pods' }).waitFor();
    expect(await page.getByRole('button', { name: 'Apply…' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('application', { name: 'Map of 3 machines and 7 pods' }).waitFor();
  });

  it('says beforehand where the pods of a drained machine go', async () => {
    const machines = await Promise.all(
      ['hollow-1', 'hollow-2', 'hollow-3'].map(async (name) => ({ name, count: (await podsAt(name)).length })),
    );
    const { name = '' } = machines.toSorted((left, right) => right.count - left.count)[0] ?? {};
    await goTo(page, `/clusters/${cluster}/nodes/${name}`);
    await page.getByRole('button', { name: 'Drain…' }).click();
    const dialog = page.getByRole('dialog');
    const preview = dialog.getByRole('list', { name: 'Which pods move where' });
    await preview.waitFor();
    const promised = await preview.getByRole('listitem').count();
    expect(promised).toBe((await podsAt(name)).length);
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Drain', exact: true }).click();
    await page.getByText('Done', { exact: true }).first().waitFor();
    await until('no pod there', async () => (await podsAt(name)).length === 0);
  });

  const podsAt = async (name: string): Promise<readonly Pod[]> =>
    (await client.resource<Pod>(pods).list()).items.filter(({ spec }) => spec.nodeName === name);

  it('changes labels and taints in one write that can be taken back', async () => {
    await goTo(page, `/clusters/${cluster}/nodes/hollow-3`);
    await page.getByRole('button', { name: 'Actions for hollow-3' }).click();
    await page.getByRole('menuitem', { name: 'Labels and taints…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add a taint' }).click();
    await dialog.getByRole('group', { name: 'Taints' }).getByLabel('Key 1').fill('dedicated');
    await dialog.getByRole('group', { name: 'Taints' }).getByLabel('Value 1').fill('batch');
    await dialog.getByRole('button', { name: 'Add a label' }).click();
    const lines = dialog.getByRole('group', { name: 'Labels' });
    await lines.getByLabel(/^Key/).last().fill('rack');
    await lines
      .getByLabel(/^Value/)
      .last()
      .fill('7');
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog.waitFor({ state: 'hidden' }); // the change is on record
    await until('the marks', async () => {
      const { metadata, spec } = await nodeOf('hollow-3');
      return (
        metadata.labels?.['rack'] === '7' &&
        spec.taints?.some(({ key, value }) => key === 'dedicated' && value === 'batch') === true
      );
    });
    await goTo(page, `/clusters/${cluster}/changes`);
    await page.getByRole('button', { name: 'Look and undo' }).first().click();
    await page.getByRole('button', { name: 'Preview undo' }).click();
    await page.getByRole('button', { name: 'Take back' }).click();
    await until('them gone', async () => {
      const { metadata, spec } = await nodeOf('hollow-3');
      return metadata.labels?.['rack'] === undefined && !spec.taints?.some(({ key }) => key === 'dedicated');
    });
  });

  it('lets a deployment follow its load, and shows beforehand what that would have meant', async () => {
    // Simulated pods use what they ask for: all of it.
    await goTo(page, `/clusters/${cluster}/deployments/default/tides`);
    await page.getByRole('tab', { name: 'Scaling' }).click();
    await page.getByLabel('At least').fill('7');
    await page.getByLabel('At most').fill('6');
    await page.getByText('At least cannot be more than at most.').waitFor();
    await page.getByLabel('At most').fill('8');
    const replay = page.getByText(/^It would have run 7 to 8 pods|^It would have kept 8 pods/);
    // The first round of the record comes within fifteen seconds; another span asks again.
    await until('a record', async () => {
      for (const reach of ['24 hours', '1 hour']) await page.getByRole('radio', { name: reach }).click();
      return replay.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
    });
    expect(await seriousViolations(page)).toEqual([]);
    const form = page.getByRole('region', { name: 'Automatic scaling' });
    await form.getByRole('button', { name: 'Apply' }).click();
    const api = client.resource<HorizontalPodAutoscaler>(horizontalPodAutoscalers, 'default');
    await until('the autoscaler', async () => (await api.list()).items.length === 1);
    expect((await api.get('tides')).spec).toMatchObject({ minReplicas: 7, maxReplicas: 8 });
    await until('more pods', async () => (await podsOf('tides')).length >= 7);
    await page.getByText(/pods now, \d+ wanted/).waitFor();

    await page.getByLabel('At most').fill('9');
    await form.getByRole('button', { name: 'Apply' }).click();
    await until('the change', async () => (await api.get('tides')).spec.maxReplicas === 9);
    await form.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('keeps the pods it was given').waitFor();
    expect((await api.list()).items).toEqual([]);
  });

  it('kills a pod as a drill, says beforehand what comes of it, and whether it came', async () => {
    await goTo(page, `/clusters/${cluster}/drills`);
    await page.getByText('No drill yet').waitFor();
    await page.getByRole('radio', { name: 'A link' }).click();
    await page.getByLabel('Machine', { exact: true }).fill('hollow-1');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByText('hollow-1 was not built with this console').waitFor();
    expect(await page.getByRole('button', { name: 'Begin the drill…' }).count()).toBe(0);

    const [victim] = await podsOf('tides');
    const name = victim?.metadata.name ?? '';
    await page.getByRole('radio', { name: 'A pod' }).click();
    await page.getByLabel('Pod, as namespace/name').fill(`default/${name}`);
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByText(new RegExp(`^default/${name} → hollow-\\d$`)).waitFor();
    expect((await podsOf('tides')).map(({ metadata }) => metadata.uid)).toContain(victim?.metadata.uid);
    await page.getByRole('button', { name: 'Begin the drill…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(`Type “${name}” to go on`).fill(name);
    await dialog.getByRole('button', { name: 'Begin the drill' }).click();
    const report = page.getByRole('region', { name: `Pod default/${name} killed` });
    await report.getByText('All is back').waitFor();
    expect(await report.getByText('Otherwise', { exact: true }).count()).toBe(0);
    expect(await report.getByText('As predicted').count()).toBeGreaterThan(3);
    expect((await podsOf('tides')).map(({ metadata }) => metadata.name)).not.toContain(name);
    expect(await seriousViolations(page)).toEqual([]);

    await report.getByRole('link', { name: 'Trail' }).click();
    const trail = page.getByRole('list', { name: 'What it led to' });
    await trail.getByText(`DELETE /api/v1/namespaces/default/pods/${name}`).waitFor();
    await trail.getByText('pod gone').waitFor();
    await page.getByText(/^The record is as it was written: \d+ entries$/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'action', facts: { command: 'drills.start', name } });
    expect(JSON.parse(lines.at(-1) ?? '')).toHaveProperty('signature');
  });

  it('says of a cluster from elsewhere what upkeep it can show', async () => {
    await goTo(page, `/clusters/${cluster}/upkeep`);
    await page.getByRole('tab', { name: 'Backups' }).click();
    await page.getByText('This cluster was not built here').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(stand.errors).toEqual([]);
  });
});
