// `pilothouse alerts show|set|test|off`: messages by e-mail and webhook that come with every console closed.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { commandError, sentence, tell, type TellArguments } from '../text.ts';
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
  if (settings === undefined) tell('alerts.none');
  else {
    if (settings.email !== undefined)
      tell('alerts.email', { to: settings.email.to.join(', '), host: settings.email.host });
    for (const { url } of settings.webhooks) printLine(`webhook  ${url}`);
  }
  if (active.length === 0) return tell('alerts.quiet');
  printLine(
    formatTable(
      [sentence('table.alert'), sentence('table.about'), sentence('table.since')],
      active.map(({ kind, subject, sinceMs }) => [kind, subject, ago(sinceMs)]),
    ),
  );
}

function readSettings(path: string | undefined): unknown {
  if (path === undefined) throw commandError('alerts.which');
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw commandError('alerts.unreadable', { path }, { exitCode: 2, cause });
  }
}

/** Adds `alerts` with its verbs. */
export function addAlertsCommand(program: Command): void {
  const alerts = program.command('alerts').description('messages about a cluster that come with every console closed');
  const verb = (name: string, description: string): Command =>
    withClusterOptions(alerts.command(name).description(description));
  const done = (flags: AlertFlags, value: object, ...words: TellArguments): void => {
    if (flags.json === true) printJson(value);
    else tell(...words);
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
      done(flags, { set: true }, 'alerts.set');
    });
  verb('test', 'have the masters send a message for trying out').action(async (flags: AlertFlags) => {
    const { testAlerts } = await import('../../provisioning/index.ts');
    const spec = await chooseCluster(flags);
    const { ways } = await withProgress((options) => testAlerts(spec, options));
    done(flags, { ways }, 'alerts.tested', { count: ways });
  });
  verb('off', 'send no more alerts').action(async (flags: AlertFlags) => {
    const { removeAlerts } = await import('../../provisioning/index.ts');
    const spec = await chooseCluster(flags);
    await withProgress((options) => removeAlerts(spec, options));
    done(flags, { set: false }, 'alerts.off');
  });
}
