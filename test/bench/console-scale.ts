/// <reference lib="dom" />
// The console over 1,000 machines and 30,000 pods, in real Chromium: how soon it shows something, how smooth it stays
// while 500 pods change every second, how much it holds, and how late a change is on screen.
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type CDPSession, type Page } from 'playwright-core';
import { chromiumFlags } from '../support/chromium.ts';
import { nodeCount, podCount, report, startScaleCluster, type ScaleCluster } from './console-scale-cluster.ts';
import { end, pause } from './plane.ts';
import type { Figure, Section } from './report.ts';

const root = join(import.meta.dirname, '../..');
const cluster = 'scale';
const patienceMs = 60_000;
const changesPerSecond = 500;
const rounds = 10;

/** The console as a program of its own; resolves with its one-time address. */
async function startConsole(kubeconfig: string): Promise<{ url: string; stop(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'pilothouse-bench-console-'));
  mkdirSync(join(home, 'clusters', cluster), { recursive: true });
  copyFileSync(kubeconfig, join(home, 'clusters', cluster, 'kubeconfig'));
  const child: ChildProcess = spawn(
    process.execPath,
    [join(root, 'cli/pilothouse.mjs'), 'console', '--web', '--no-open'],
    { env: { ...process.env, PILOTHOUSE_HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(home, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /http:\/\/\S+token=\S+/.exec(line)?.[0];
    if (url !== undefined) return { url, stop };
  }
  await stop();
  throw new Error('the console ended before it printed its address');
}

/** Milliseconds until `done` holds. */
async function taking(done: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await done();
  return performance.now() - begun;
}

const meaningful = (page: Page): Promise<void> =>
  page.locator('[data-meaningful]').first().waitFor({ timeout: patienceMs });
const firstPod = (page: Page): Promise<void> => page.locator('.table-row a').first().waitFor({ timeout: patienceMs });
const path = (page: Page, screen: string): string => `${new URL(page.url()).origin}/#/clusters/${cluster}/${screen}`;

/** The longest task of the main thread since the last call, in milliseconds; tasks under 50 ms are not told. */
async function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => {
    const told = window as unknown as { longTasks: number[] };
    return Math.max(0, ...told.longTasks.splice(0));
  });
}

async function heapMiB(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
}

/** Frames per second while the wheel pans over the map and zooms from the whole fleet to single pods and back. */
async function framesPerSecond(page: Page, ms: number): Promise<{ mean: number; worstMs: number }> {
  return page.evaluate((durationMs) => {
    const canvas = document.querySelector('canvas')!;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
    return new Promise<{ mean: number; worstMs: number }>((resolve) => {
      const begun = performance.now();
      let frames = 0;
      let last = begun;
      let worstMs = 0;
      const step = (): void => {
        const now = performance.now();
        frames++;
        worstMs = Math.max(worstMs, now - last);
        last = now;
        const part = (now - begun) / durationMs;
        if (part >= 1) return resolve({ mean: (frames / (now - begun)) * 1000, worstMs });
        // Two thirds of a wave of zooming, with panning to and fro all the while.
        canvas.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: -34 * Math.sin(part * 4 * Math.PI) }));
        canvas.dispatchEvent(
          new WheelEvent('wheel', { ...at, shiftKey: true, deltaY: 14 * Math.cos(part * 14 * Math.PI) }),
        );
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  }, ms);
}

/** How long a pod's new count of restarts takes to the screen, once the API has answered; sorted. */
async function changesToScreen(page: Page, { client }: ScaleCluster): Promise<number[]> {
  await page.getByRole('searchbox').fill('7d9f8b6c5-4242');
  await page.getByRole('link', { name: /-4242$/ }).waitFor({ timeout: patienceMs });
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const count = 70_000 + round;
    const words = count.toLocaleString('en');
    await report(client, 4242, count, true);
    const isShown = (text: string): boolean =>
      [...document.querySelectorAll('.table-cell')].some((cell) => cell.textContent?.includes(text));
    taken.push(await taking(() => page.waitForFunction(isShown, words, { polling: 'raf', timeout: patienceMs })));
    await pause(0.3);
  }
  await page.getByRole('searchbox').fill('');
  return taken.sort((left, right) => left - right);
}

async function measure(page: Page, url: string, scale: ScaleCluster, log: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  const note = (name: string, value: number, unit: Figure['unit'], bar?: Figure['bar']): void => {
    log(`${name}: ${Math.round(value * 10) / 10} ${unit}`);
    figures.push({ name, value, unit, ...(bar && { bar }) });
  };
  await page.addInitScript(() => {
    const told = window as unknown as { longTasks: number[] };
    told.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) told.longTasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  const session = await page.context().newCDPSession(page);

  const cold = await taking(() => page.goto(url).then(() => meaningful(page)));
  note('first meaningful paint, cold', cold, 'ms', { atMost: 1500 });
  const coldPods = await taking(() => page.goto(path(page, 'pods')).then(() => firstPod(page)));
  note('pod list after that, while the console still reads the cluster', coldPods, 'ms', { atMost: 2000 });
  await page.goto(path(page, 'overview'));
  await page.getByText('30,000').first().waitFor({ timeout: patienceMs });
  note('first meaningful paint, cached', await taking(() => page.reload().then(() => meaningful(page))), 'ms', {
    atMost: 500,
  });
  await page.goto(path(page, 'pods'));
  note('pod list usable', await taking(() => page.reload().then(() => firstPod(page))), 'ms', { atMost: 2000 });
  await longestTask(page);

  const { stop } = scale.change(changesPerSecond);
  await pause(15);
  note(`longest task, pod list, ${changesPerSecond} pods/s`, await longestTask(page), 'ms', { atMost: 100 });
  const taken = await changesToScreen(page, scale);
  note('a change on screen after the API has it, median', taken[rounds / 2] ?? NaN, 'ms', { atMost: 300 });
  note('a change on screen after the API has it, worst of ten', taken.at(-1) ?? NaN, 'ms');
  await page.goto(path(page, 'placement'));
  await page.locator(`canvas[aria-label*="30,000"]`).waitFor({ timeout: patienceMs });
  note('longest task, map as it opens', await longestTask(page), 'ms', { atMost: 100 });
  await pause(10);
  note(`longest task, map, ${changesPerSecond} pods/s`, await longestTask(page), 'ms', { atMost: 100 });
  const busy = await framesPerSecond(page, 6000);
  note('map panned and zoomed while pods change', busy.mean, '/s');
  const done = await stop();
  note('pods that changed', (done.changed / done.ms) * 1000, '/s');

  await pause(1);
  const quiet = await framesPerSecond(page, 8000);
  note('map panned and zoomed', quiet.mean, '/s', { atLeast: 50 });
  note('longest frame of that', quiet.worstMs, 'ms');

  const heaps = [await heapMiB(session)];
  const full = scale.change(100_000);
  for (let third = 0; third < 3; third++) {
    await pause(15);
    heaps.push(await heapMiB(session));
  }
  const all = await full.stop();
  note('changes of the heap test, as fast as the API takes them', all.changed, '');
  note('renderer heap after them', heaps.at(-1) ?? NaN, 'MB', { atMost: 350 });
  note('growth of the heap in their last third', (heaps[3] ?? NaN) - (heaps[2] ?? NaN), 'MB', { atMost: 5 });
  return figures;
}

export const consoleScaleSection: Section = {
  name: 'console-scale',
  describe: `the console over ${nodeCount} machines and ${podCount} pods, in Chromium`,
  run: async (log): Promise<Figure[]> => {
    const filled = performance.now();
    const scale = await startScaleCluster();
    log(`${podCount} pods in ${Math.round((performance.now() - filled) / 1000)} s`);
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: chromiumFlags });
    try {
      const shown = await startConsole(scale.controlPlane.kubeconfigPath);
      try {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        return await measure(page, shown.url, scale, log);
      } finally {
        await shown.stop();
      }
    } finally {
      await browser.close();
      await scale.close();
    }
  },
};
