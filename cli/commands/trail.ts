// `pilothouse trail`: what actions in the console led to: commands on machines, writes to the API, containers.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { TrailEntryView } from '../../api/console/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions } from '../cluster-choice.ts';
import { CommandError, formatTable, printJson, printLine } from '../output.ts';
import { sentence, tell } from '../text.ts';

interface TrailFlags extends ClusterFlags {
  readonly output?: string;
}

function wordsOf(entry: TrailEntryView): string[] {
  switch (entry.kind) {
    case 'command':
      return [entry.machine, entry.command.split('\n')[0] ?? '', String(entry.code ?? '–')];
    case 'write':
      return ['API', `${entry.method} ${entry.object}`, entry.status === 0 ? '–' : String(entry.status)];
    case 'container':
      return [
        entry.machine,
        `${entry.pod} ${entry.container}`,
        [entry.state, entry.reason, entry.exitCode].join(' ').trim(),
      ];
    case 'end':
      return ['', `${entry.what} ${entry.message}`, sentence(entry.ok ? 'trail.ok' : 'trail.notOk')];
  }
}

async function run(wanted: string | undefined, flags: TrailFlags): Promise<void> {
  const clusterId = (await chooseCluster(flags)).name;
  const { listTrails, readTrail, exportTrail } = await import('../../electron/services/trail/read-trail.ts');
  const { homeDir } = await import('../../provisioning/index.ts');
  const home = homeDir();
  const all = await listTrails(clusterId, home);
  if (wanted === undefined) {
    if (flags.json === true) return printJson(all);
    if (all.length === 0) return tell('trail.none');
    const rows = all.map(({ id, at, who, command, about }) => [
      id.slice(0, 8),
      new Date(at).toISOString(),
      who,
      command,
      about,
    ]);
    const heads = ['table.trail', 'table.made', 'table.who', 'table.action', 'table.about'] as const;
    return printLine(
      formatTable(
        heads.map((head) => sentence(head)),
        rows,
      ),
    );
  }
  const found = all.find(({ id }) => id.startsWith(wanted));
  if (found === undefined)
    throw new CommandError(sentence('trail.unknown', { id: wanted }), sentence('trail.unknown.remedy'), {
      exitCode: 2,
    });
  if (flags.output !== undefined)
    return writeFileSync(resolve(flags.output), await exportTrail(clusterId, found.id, home), { mode: 0o600 });
  const trail = await readTrail(clusterId, found.id, home);
  if (flags.json === true) printJson(trail);
  else {
    const rows = trail.entries.map((entry) => [new Date(entry.at).toISOString(), ...wordsOf(entry)]);
    const heads = ['table.made', 'table.where', 'table.action', 'table.result'] as const;
    printLine(
      formatTable(
        heads.map((head) => sentence(head)),
        rows,
      ),
    );
  }
  if (trail.record.ok) return;
  throw new CommandError(sentence('trail.broken', { line: trail.record.line ?? 0 }), sentence('audit.bad.remedy'));
}

/** Adds `trail`. */
export function addTrailCommand(program: Command): void {
  withClusterOptions(
    program.command('trail').argument('[id]', 'a trace id, or how it begins; without it, all are listed'),
  )
    .description('what an action in the console led to: commands on machines, writes to the API, containers')
    .option('-o, --output <file>', 'write the entries with their seals as JSON lines, to keep elsewhere')
    .action(run);
}
