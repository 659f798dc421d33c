// Opens the console: Electron when its binary is here, else a Chromium window of its own when there is a display,
// else it prints the address for any browser.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServices } from '../electron/services/index.ts';
import { runWebShell } from '../electron/web.ts';
import { findElectron } from './doctor.ts';
import { printLine } from './output.ts';
import { root } from './root.ts';

export interface ConsoleOptions {
  /** The console's state folder; default `$PILOTHOUSE_HOME` or `~/.pilothouse`. */
  readonly home?: string;
  /** Serve to a browser even when Electron is here. */
  readonly web?: boolean;
  /** 0 picks a free port. */
  readonly port: number;
  /** False prints the address and opens nothing. */
  readonly open: boolean;
}

const browserFlags = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function findChromium(): string | undefined {
  const names = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/microsoft-edge'];
  return names.find((path) => existsSync(path));
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

function endOf(child: ReturnType<typeof spawn>, signal: AbortSignal): Promise<void> {
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => child.on('exit', () => resolve()).on('error', () => resolve()));
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Runs the console until its window is closed or the signal aborts; a browser's tab is served until the signal. */
export async function runConsole(options: ConsoleOptions, signal: AbortSignal): Promise<void> {
  const electron = findElectron(root);
  if (options.open && options.web !== true && electron !== undefined && hasDisplay()) {
    const env = { ...process.env, ...(options.home === undefined ? {} : { PILOTHOUSE_HOME: options.home }) };
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return endOf(spawn(electron, [...sandbox, root], { stdio: 'inherit', env }), signal);
  }
  const services = await createServices({ home: options.home });
  const shell = await runWebShell({ services, port: options.port, distDir: join(root, 'dist/renderer') });
  try {
    printLine(`Console  ${shell.url}`);
    const chromium = findChromium();
    if (options.open && options.web !== true && chromium !== undefined && hasDisplay()) {
      const profile = mkdtempSync(join(tmpdir(), 'pilothouse-console-'));
      const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
      await endOf(
        spawn(chromium, [`--app=${shell.url}`, `--user-data-dir=${profile}`, ...browserFlags, ...sandbox], {
          stdio: 'ignore',
        }),
        signal,
      );
    } else {
      printLine('Open this address in a browser on this computer; it works once. Ctrl-C ends the console.');
      await untilAborted(signal);
    }
  } finally {
    await shell.close();
    await services.close();
  }
}
