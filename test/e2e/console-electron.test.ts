// The Electron shell, wherever its binary is: the page works over the bridge and has nothing beyond it.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findElectron } from '../../cli/doctor.ts';
import { seriousViolations } from './console-page.ts';

const root = join(import.meta.dirname, '../..');
const executablePath = findElectron(root);
const isBuilt = existsSync(join(root, 'dist/electron/main.cjs'));
const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
const missing = [
  executablePath === undefined && 'Electron’s binary (npm brings only its downloader; set ELECTRON_OVERRIDE_DIST_PATH)',
  !isBuilt && 'dist/electron (npm run build)',
  !hasDisplay && 'a display',
].filter(Boolean);
const here = missing.length === 0 ? describe : describe.skip;

here(`the Electron shell${missing.length === 0 ? '' : ` [skipped: needs ${missing.join('; ')}]`}`, () => {
  const home = mkdtempSync(join(tmpdir(), 'pilothouse-electron-'));
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root];
    app = await electron.launch({
      executablePath,
      args,
      env: { ...process.env, PILOTHOUSE_HOME: home } as Record<string, string>,
    });
    page = await app.firstWindow();
    await page.locator('h1').waitFor();
  });

  afterAll(async () => {
    await app?.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('shows the clusters page over the bridge', async () => {
    expect(await page.locator('h1').textContent()).toMatch(/Clusters|集群/);
    expect(page.url()).toMatch(/^pilothouse:\/\/console\//);
  });

  it('gives the page nothing of Node or Electron but the bridge', async () => {
    const given = await page.evaluate(() => ({
      require: typeof (globalThis as { require?: unknown }).require,
      process: typeof (globalThis as { process?: unknown }).process,
      bridge: Object.keys((globalThis as unknown as { pilothouse: object }).pilothouse).sort(),
    }));
    expect(given).toEqual({ require: 'undefined', process: 'undefined', bridge: ['onMessage', 'send'] });
  });

  it('opens no second window and goes nowhere else', async () => {
    await page.evaluate('void window.open("pilothouse://console/index.html"); location.href = "file:///etc/passwd"');
    await page.locator('h1').waitFor();
    expect(app.windows()).toHaveLength(1);
    expect(page.url()).toMatch(/^pilothouse:\/\/console\//);
  });

  it('runs its pages sandboxed, isolated and under the strict policy', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): { sandbox: boolean; contextIsolation: boolean; nodeIntegration: boolean };
      };
      const { sandbox, contextIsolation, nodeIntegration } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration };
    });
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false });
    const refused = await page.evaluate('fetch("https://example.invalid").then(() => "sent", () => "refused")');
    expect(refused).toBe('refused');
  });

  it('has no serious accessibility violation', async () => {
    expect(await seriousViolations(page)).toEqual([]);
  });
});
