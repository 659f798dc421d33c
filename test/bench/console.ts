// The console in a real Chromium on a simulated cluster: time to the first meaningful paint, and what it loads.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { chromiumFlags } from '../support/chromium.ts';
import { changeToScreen } from './console-change.ts';
import type { Figure, Section } from './report.ts';

const root = join(import.meta.dirname, '../..');

/** Starts the simulated cluster with its console; resolves with the console's one-time address. */
async function startSimulation(): Promise<{ url: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [join(root, 'cli/pilothouse.mjs'), 'start', '--simulate', '--no-open'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      child.on('exit', () => resolve());
      child.kill('SIGTERM');
    });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Console\s+(\S+)/.exec(line)?.[1];
    if (url !== undefined) return { url, stop };
  }
  throw new Error('the simulation ended before it printed the console address');
}

export const consoleSection: Section = {
  name: 'console',
  describe: 'first meaningful paint in Chromium, simulated cluster of 50 nodes',
  run: async (log): Promise<Figure[]> => {
    const simulation = await startSimulation();
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: chromiumFlags });
    try {
      log('cold');
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      const scripts: Promise<number>[] = [];
      page.on('requestfinished', (request) => {
        if (request.resourceType() === 'script') scripts.push(request.sizes().then((sizes) => sizes.responseBodySize));
      });
      const begun = performance.now();
      await page.goto(simulation.url);
      await page.locator('[data-meaningful]').first().waitFor({ timeout: 30_000 });
      const coldMs = performance.now() - begun;
      const initialScript = (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0) / 1024;
      log('again, from cached state');
      const again = performance.now();
      await page.reload();
      await page.locator('[data-meaningful]').first().waitFor({ timeout: 30_000 });
      const warmMs = performance.now() - again;
      log('changes on screen');
      const { medianMs, worstMs } = await changeToScreen();
      return [
        { name: 'a change on screen after the API has it, median', value: medianMs, unit: 'ms', bar: { atMost: 300 } },
        { name: 'a change on screen after the API has it, worst of ten', value: worstMs, unit: 'ms' },
        { name: 'first meaningful paint, cold', value: coldMs, unit: 'ms', bar: { atMost: 1500 } },
        { name: 'first meaningful paint, cached', value: warmMs, unit: 'ms' },
        { name: 'initial script, as sent', value: initialScript, unit: 'KB', bar: { atMost: 350 } },
      ];
    } finally {
      await browser.close();
      await simulation.stop();
    }
  },
};
