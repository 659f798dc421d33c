// `pilothouse audit verify|export`: the record of every command that was run on any machine of a cluster.
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { AuditFault } from '../../provisioning/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions } from '../cluster-choice.ts';
import { CommandError, printJson } from '../output.ts';
import { sentence, tell } from '../text.ts';

interface ExportFlags extends ClusterFlags {
  readonly output?: string;
  readonly machine?: string;
}

const faultOf = (kind: AuditFault): string => sentence(`audit.${kind}`);

/** Adds `audit` with its verbs. */
export function addAuditCommand(program: Command): void {
  const audit = program.command('audit').description('the record of every command run on every machine');
  withClusterOptions(audit.command('verify'))
    .description('find any change, gap or cut in the record')
    .action(async (flags: ClusterFlags) => {
      const { clusterPaths, verifyAudit } = await import('../../provisioning/index.ts');
      const path = clusterPaths((await chooseCluster(flags)).name).auditLog;
      const verdict = await verifyAudit(path);
      if (flags.json === true) printJson({ path, ...verdict });
      else if (verdict.ok) tell('audit.good', { count: verdict.entries });
      if (verdict.ok) return;
      if (flags.json === true) process.exitCode = 1;
      else {
        const { kind, line } = verdict.fault ?? { kind: 'changed', line: 0 };
        throw new CommandError(
          sentence('audit.bad', { path, line, fault: faultOf(kind) }),
          sentence('audit.bad.remedy'),
        );
      }
    });
  withClusterOptions(audit.command('export'))
    .description('write the record as JSON lines, to keep elsewhere')
    .option('-o, --output <file>', 'where to (default: standard output)')
    .option('--machine <name>', 'only the commands on this machine')
    .action(async (flags: ExportFlags) => {
      const { clusterPaths, readAudit } = await import('../../provisioning/index.ts');
      const path = clusterPaths((await chooseCluster(flags)).name).auditLog;
      const lines = async function* (): AsyncGenerator<string> {
        for await (const entry of readAudit(path)) {
          if (flags.machine === undefined || ('machine' in entry && flags.machine === entry.machine))
            yield `${JSON.stringify(entry)}\n`;
        }
      };
      const target =
        flags.output === undefined ? process.stdout : createWriteStream(resolve(flags.output), { mode: 0o600 });
      await pipeline(Readable.from(lines()), target, { end: flags.output !== undefined });
    });
}
