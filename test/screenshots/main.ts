// Makes a picture of every screen in both themes, both languages and two window sizes, into `screenshots/`.
// It runs on a simulated cluster of its own; `--kubeconfig FILE` uses another, `--only TEXT[,TEXT…]` narrows to some screens,
// `--quick` makes one variant of each.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startTestConsole, type TestConsole } from '../e2e/console-browser.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { seedKinds } from './seed-kinds.ts';
import { seedCluster, settled } from './seed.ts';
import { screens, type Screen } from './screens.ts';

const { values: flags } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    language: { type: 'string' },
    theme: { type: 'string' },
    size: { type: 'string' },
  },
});
const folder = join(import.meta.dirname, '../../screenshots');
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];

interface Variant {
  readonly language: 'en' | 'zh-CN';
  readonly theme: 'light' | 'dark';
  readonly size: { readonly width: number; readonly height: number };
}

function variants(): Variant[] {
  const all = (['en', 'zh-CN'] as const).flatMap((language) =>
    (['light', 'dark'] as const).flatMap((theme) => sizes.map((size): Variant => ({ language, theme, size }))),
  );
  const wanted = all.filter(
    ({ language, theme, size }) =>
      (flags.language ?? language) === language &&
      (flags.theme ?? theme) === theme &&
      (flags.size ?? String(size.width)) === String(size.width),
  );
  return flags.quick ? wanted.slice(0, 1) : wanted;
}

async function shoot(page: Page, screen: Screen, { language, theme, size }: Variant): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#${screen.path}`);
  await page.locator('h1').first().waitFor();
  await screen.prepare?.(page);
  await page.mouse.move(size.width - 4, size.height - 4);
  await page.waitForTimeout(screen.settleMs ?? 700);
  await page.screenshot({ path: join(folder, `${screen.name}.${language}.${theme}.${size.width}.png`) });
  await screen.leave?.(page);
}

async function shootAll(console_: TestConsole): Promise<string[]> {
  const complaints: string[] = [];
  const parts = (flags.only ?? '').split(',');
  const wanted = screens.filter(({ name }) => parts.some((part) => name.includes(part)));
  for (const variant of variants()) {
    await console_.services.invoke('settings.set', { language: variant.language, theme: variant.theme });
    const { page, errors } = await console_.open({ viewport: variant.size });
    for (const screen of wanted) await shoot(page, screen, variant);
    complaints.push(...errors);
    await page.context().close();
  }
  return [...new Set(complaints)];
}

mkdirSync(folder, { recursive: true });
const cluster = flags.kubeconfig ? undefined : await startControlPlane({ store: 'memory', hollowNodes: 12 });
const kubeconfig = flags.kubeconfig ?? cluster?.kubeconfigPath ?? '';
const testConsole = await startTestConsole({ clusters: { harbour: kubeconfig } });
try {
  await seedCluster(kubeconfig);
  await seedKinds(kubeconfig);
  await settled(kubeconfig);
  const complaints = await shootAll(testConsole);
  for (const complaint of complaints) process.stderr.write(`page: ${complaint}\n`);
  process.stdout.write(`${folder}\n`);
} finally {
  await testConsole.close();
  await cluster?.close();
}
