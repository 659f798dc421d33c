// What a person does on the console's pages, for tests: by role and name, as assistive technology finds things.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A violation as axe reports it, cut to what helps. */
export interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly targets: readonly string[];
}

/** Goes to a page of the console by its hash path and waits for its heading. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#${path}`);
  await page.waitForURL((url) => url.hash === `#${path}`);
  await page.locator('h1').first().waitFor();
}

/** Violations of serious or critical impact on the page as it is. */
export async function seriousViolations(page: Page): Promise<Violation[]> {
  // What fades in or out has less contrast than it will have: no fading begins any more, and what began ends.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  try {
    return await violationsAtRest(page);
  } finally {
    await page.emulateMedia({ reducedMotion: null });
  }
}

async function violationsAtRest(page: Page): Promise<Violation[]> {
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished)).then(() => undefined);
  });
  // The page's own policy allows no foreign script, so axe runs in the debugger's isolated way.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    interface Found {
      violations: { id: string; impact: string; nodes: { target: string[] }[] }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(): Promise<Found> } };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, nodes }) => ({
        id,
        impact,
        targets: nodes.slice(0, 5).map(({ target }) => target.join(' ')),
      }));
  });
}

/** Fills the create form and submits it; ends on the Deployment's page. */
export async function createDeployment(
  page: Page,
  clusterId: string,
  { name, image, replicas, port }: { name: string; image: string; replicas: number; port?: number },
): Promise<void> {
  await goTo(page, `/clusters/${clusterId}/deployments/new`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Image').fill(image);
  await page.getByLabel('Replicas').fill(String(replicas));
  if (port !== undefined) await page.getByLabel(/^Container port/).fill(String(port));
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Scales by typing a number on the Deployment's page. */
export async function scaleTo(page: Page, replicas: number): Promise<void> {
  await page.getByRole('spinbutton', { name: 'Replicas' }).fill(String(replicas));
  await page.getByRole('button', { name: 'Apply' }).click();
}

/** Rolls out another image on the Deployment's page. */
export async function changeImage(page: Page, image: string): Promise<void> {
  await page.getByRole('button', { name: 'Change image' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Image').fill(image);
  await dialog.getByRole('button', { name: 'Roll out' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Rolls back to a revision on the Deployment's page, by its one click. */
export async function rollBackTo(page: Page, revision: number): Promise<void> {
  await page.getByRole('tab', { name: /^Revisions/ }).click();
  await page.getByRole('button', { name: `Roll back to revision ${revision}`, exact: true }).click();
}

/** Waits until the rollout's sentence says that all is done. */
export async function untilComplete(page: Page, timeoutMs = 60_000): Promise<void> {
  await page.getByText(/^Complete:/).waitFor({ timeout: timeoutMs });
}

/** Adds machines on the wizard's first page. */
export async function fillMachines(
  page: Page,
  draft: { name: string; addresses: readonly string[]; keyPath?: string; password?: string },
): Promise<void> {
  await goTo(page, '/build');
  await page.getByLabel('Name', { exact: true }).fill(draft.name);
  await page.getByLabel('Addresses').fill(draft.addresses.join('\n'));
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  if (draft.keyPath !== undefined) await page.getByLabel('Private key on this computer').fill(draft.keyPath);
  if (draft.password !== undefined) {
    await page.getByRole('radio', { name: 'Password' }).click();
    await page.getByLabel('Password', { exact: true }).fill(draft.password);
  }
}

/** From the wizard's first page through roles and review to the run; waits until the machines were found fit. */
export async function reviewAndBuild(page: Page, timeoutMs = 60_000): Promise<void> {
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('All machines are fit.').waitFor({ timeout: timeoutMs });
  await page.getByRole('button', { name: 'Build cluster' }).click();
  await page.waitForURL(/#\/build\/runs\//);
}
