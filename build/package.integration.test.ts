// Packaging as far as it goes without Electron's binary: a stand-in dist takes electron-builder through its whole
// `dir` target, so that configuration, file list and archive are checked on every machine.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);

describe('npm run package', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pilothouse-package-'));
    mkdirSync(join(folder, 'dist/resources'), { recursive: true });
    for (const name of ['electron', 'chrome-sandbox']) {
      writeFileSync(join(folder, 'dist', name), '#!/bin/sh\n');
      chmodSync(join(folder, 'dist', name), 0o755);
    }
    for (const name of ['LICENSE', 'version']) writeFileSync(join(folder, 'dist', name), '45.4.1');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const packageWith = (dist: string): Promise<{ stdout: string; stderr: string }> =>
    run(process.execPath, [join(root, 'build/package.ts'), '--dir'], {
      cwd: root,
      env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: dist, PILOTHOUSE_PACKAGE_OUT: join(folder, 'out') },
    });

  it('says what to set when the binary is not here', async () => {
    await expect(packageWith(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not at .*nowhere[\s\S]*Next step[\s\S]*ELECTRON_OVERRIDE_DIST_PATH/) as string,
    });
  });

  it('packs the shell, the renderer and the programs for machines', async () => {
    await packageWith(join(folder, 'dist'));
    const resources = join(folder, 'out/linux-unpacked/resources');
    const files = listPackage(join(resources, 'app.asar'), { isPack: false });
    for (const file of [
      '/package.json',
      '/dist/electron/main.cjs',
      '/dist/electron/preload.cjs',
      '/dist/renderer/index.html',
    ]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => file.startsWith('/node_modules/'))).toEqual([]);
    expect(existsSync(join(resources, 'programs/control-plane.mjs'))).toBe(true);
    expect(existsSync(join(resources, 'programs/agent.mjs'))).toBe(true);
  });
});
