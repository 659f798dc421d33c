// `pilothouse alerts show|set|test|off`: messages by e-mail and webhook that come with every console closed.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { CommandError, formatTable, printJson, printLine } from '../output.ts';
import { ago } from './backup.ts';

interface AlertFlags extends ClusterFlags {
  readonly settings?: string;
}

async function show(flags: AlertFlags): Promise<void> {
  const { readAlerts } = await import('../../provisioning/index.ts');
  const spec = await chooseCluster(flags);
  const found = await withProgress((options) => readAlerts(spec, options));
  if (flags.json === true) return printJson(found);
  const { settings, active } = found;
  if (settings === undefined) printLine('No alerts are sent; set them with `pilothouse alerts set --settings FILE`.');
  else {
    if (settings.email !== undefined) printLine(`e-mail   ${settings.email.to.join(', ')} by ${settings.email.host}`);
    for (const { url } of settings.webhooks) printLine(`webhook  ${url}`);
  }
  if (active.length === 0) return printLine('Nothing is wrong.');
  printLine(
    formatTable(
      ['ALERT', 'ABOUT', 'SINCE'],
      active.map(({ kind, subject, sinceMs }) => [kind, subject, ago(sinceMs)]),
    ),
  );
}

function readSettings(path: string | undefined): unknown {
  if (path === undefined)
    throw new CommandError('Which settings?', 'give --settings FILE (YAML: email, webhooks, language).', {
      exitCode: 2,
    });
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new CommandError(`The settings ${path} cannot be read.`, 'check the file given with --settings.', {
      exitCode: 2,
      cause,
    });
  }
}

/** Adds `alerts` with its verbs. */
export function addAlertsCommand(program: Command): void {
  const alerts = program.command('alerts').description('messages about a cluster that come with every console closed');
  const verb = (name: string, description: string): Command =>
    withClusterOptions(alerts.command(name).description(description));
  const done = (flags: AlertFlags, value: object, line: string): void => {
    if (flags.json === true) printJson(value);
    else printLine(line);
  };
  verb('show', 'where alerts go, and which hold now').action(show);
  verb('set', 'say where alerts go')
    .option(
      '--settings <file>',
      'YAML: email {host, port, security, user, password, from, to}, webhooks [{url, secret}], language',
    )
    .action(async (flags: AlertFlags) => {
      const { setAlerts } = await import('../../provisioning/index.ts');
      const spec = await chooseCluster(flags);
      const settings = readSettings(flags.settings);
      await withProgress((options) => setAlerts(spec, settings, options));
      done(flags, { set: true }, 'Alerts are set; try them with `pilothouse alerts test`.');
    });
  verb('test', 'have the masters send a message for trying out').action(async (flags: AlertFlags) => {
    const { testAlerts } = await import('../../provisioning/index.ts');
    const spec = await chooseCluster(flags);
    const { ways } = await withProgress((options) => testAlerts(spec, options));
    done(flags, { ways }, `A message comes by ${ways} ways within half a minute.`);
  });
  verb('off', 'send no more alerts').action(async (flags: AlertFlags) => {
    const { removeAlerts } = await import('../../provisioning/index.ts');
    const spec = await chooseCluster(flags);
    await withProgress((options) => removeAlerts(spec, options));
    done(flags, { set: false }, 'No more alerts are sent.');
  });
}
