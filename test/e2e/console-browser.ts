// A console in a real browser for tests and screenshots: services and web shell in this process, Debian's Chromium
// beside it, entered through the one-time address like a person would.
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServices, type Services, type ServicesOptions } from '../../electron/services/index.ts';
import { runWebShell, type WebShell } from '../../electron/web.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { chromiumFlags } from '../support/chromium.ts';

const root = join(import.meta.dirname, '../..');
const mostAttempts = 3;
/**
 * Chromium drops what it is loading when a network interface of this computer comes or goes, as labs' do, and the page
 * begins anew (renderer/shell/lost-code.ts). A file that is really missing is complained of in other words besides.
 */
const droppedLoad = /ERR_NETWORK_CHANGED|Unable to preload CSS|Failed to fetch dynamically imported module/;

export interface TestConsole {
  readonly home: string;
  readonly services: Services;
  readonly shell: WebShell;
  readonly browser: Browser;
  /** A new page that has entered; `errors` collects what the page complained about. */
  open(options?: BrowserContextOptions): Promise<{ page: Page; errors: string[] }>;
  close(): Promise<void>;
}

export interface TestConsoleOptions {
  /** Kubeconfigs to know, by cluster id. */
  readonly clusters?: Readonly<Record<string, string>>;
  /** A console home to use; default a fresh one, removed at the end. */
  readonly home?: string;
  readonly services?: Partial<ServicesOptions>;
}

/** Starts services, web shell and browser. The renderer must have been built into dist/renderer. */
export async function startTestConsole(options: TestConsoleOptions = {}): Promise<TestConsole> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'pilothouse-console-'));
  for (const [id, kubeconfig] of Object.entries(options.clusters ?? {})) {
    mkdirSync(join(home, 'clusters', id), { recursive: true });
    copyFileSync(kubeconfig, join(home, 'clusters', id, 'kubeconfig'));
  }
  const services = createServices({ home, logger: silentLogger, ...options.services });
  const shell = await runWebShell({ services, distDir: join(root, 'dist/renderer') });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: chromiumFlags });
  return {
    home,
    services,
    shell,
    browser,
    async open(context) {
      const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...context })).newPage();
      const errors: string[] = [];
      const complain = (text: string): void => {
        if (!droppedLoad.test(text)) errors.push(text);
      };
      page.on('pageerror', (error) => complain(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
      });
      // Also a page that was being opened is dropped.
      for (let attempt = 1; ; attempt++) {
        await page.goto(shell.newUrl());
        const entered = page
          .locator('nav')
          .first()
          .waitFor({ timeout: attempt < mostAttempts ? 10_000 : 30_000 });
        if (
          await entered.then(
            () => true,
            (error: unknown) => (attempt < mostAttempts ? false : Promise.reject(error)),
          )
        )
          break;
        errors.length = 0;
      }
      return { page, errors };
    },
    async close() {
      await browser.close();
      await shell.close();
      await services.close();
      if (options.home === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}
