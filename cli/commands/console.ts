// `pilothouse console`: the console on whatever this computer can show it with.
import { type Command, InvalidArgumentError } from 'commander';
import { abortOnSignals } from '../signals.ts';

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('a port from 0 to 65535 is expected.');
  return port;
}

/** Adds `console`. */
export function addConsoleCommand(program: Command): void {
  program
    .command('console')
    .description('open the console: Electron, a Chromium window, or an address for a browser')
    .option('--web', 'serve it to a browser and print the address')
    .option('--port <n>', 'port on loopback; 0 picks a free one', parsePort, 0)
    .option('--no-open', 'open no window, only print the address')
    .action(async (flags: { web?: boolean; port: number; open: boolean }) => {
      const { runConsole } = await import('../open-console.ts');
      await runConsole({ web: flags.web, port: flags.port, open: flags.open }, abortOnSignals());
      process.exit();
    });
}
