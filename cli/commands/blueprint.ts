// `pilothouse blueprint export|show|drift|reconcile|build`: a cluster on one signed page.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import type { Blueprint, Drift } from '../../provisioning/index.ts';
import { chooseCluster, type ClusterFlags, withClusterOptions, withProgress } from '../cluster-choice.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { commandError, sentence, tell, type TellArguments } from '../text.ts';
import { printReady } from './provision.ts';

interface BlueprintFlags extends ClusterFlags {
  readonly key?: string;
  readonly output?: string;
  readonly removeExtra?: boolean;
  readonly bundle?: string;
  readonly name?: string;
  readonly machines?: string;
}

async function read(path: string, flags: BlueprintFlags): Promise<Blueprint> {
  const { readBlueprint, readClusterFile, userSshConfig } = await import('../../provisioning/index.ts');
  const file = resolve(path);
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw commandError('blueprint.unreadable', { path: file }, { exitCode: 2, cause });
  }
  const options = { baseDir: dirname(file), sshConfig: userSshConfig(), isRunning: true };
  return readBlueprint(content, file, (yaml) => readClusterFile(yaml, options), { key: flags.key });
}

function printDrift(drift: readonly Drift[], ...none: TellArguments): void {
  if (drift.length === 0) return tell(...none);
  const rows = drift.map(({ kind, subject, wanted, found, remedy }) => [kind, subject, wanted, found, remedy]);
  const headers = ['table.what', 'table.where', 'table.wanted', 'table.found', 'table.remedy'] as const;
  printLine(
    formatTable(
      headers.map((key) => sentence(key)),
      rows,
    ),
  );
}

const keyOption = ['--key <fingerprint>', "the maker's fingerprint, when this computer does not know it yet"] as const;

/** Adds `blueprint` with its verbs. */
export function addBlueprintCommand(program: Command): void {
  const blueprint = program.command('blueprint').description('a cluster on one signed page, without secrets');
  withClusterOptions(blueprint.command('export'))
    .description("write and sign the cluster's blueprint")
    .option('-o, --output <file>', 'where to (default: CLUSTER.blueprint here)')
    .action(async (flags: BlueprintFlags) => {
      const { formatBlueprint, programsVersion, signingKey } = await import('../../provisioning/index.ts');
      const spec = await chooseCluster(flags);
      const path = resolve(flags.output ?? join(process.cwd(), `${spec.name}.blueprint`));
      writeFileSync(path, formatBlueprint(spec, await programsVersion(), await signingKey()), { mode: 0o600 });
      if (flags.json === true) printJson({ path });
      else printLine(path);
    });
  withClusterOptions(blueprint.command('show').argument('<file>', 'the blueprint'))
    .description('check a blueprint and tell what is in it')
    .option(...keyOption)
    .action(async (path: string, flags: BlueprintFlags) => {
      const found = await read(path, flags);
      if (flags.json === true) return printJson(found);
      const { createdAt, version, fingerprint } = found;
      tell('blueprint.about', { cluster: found.spec.name, createdAt, version, fingerprint });
      const rows = found.spec.machines.map(({ name, address, role }) => [name, address, role]);
      printLine(formatTable([sentence('table.machine'), sentence('table.address'), sentence('table.role')], rows));
    });
  withClusterOptions(blueprint.command('drift').argument('<file>', 'the blueprint'))
    .description('tell what differs between a blueprint and the running cluster; exit code 1 when anything does')
    .option(...keyOption)
    .action(async (path: string, flags: BlueprintFlags) => {
      const { findDrift } = await import('../../provisioning/index.ts');
      const { spec } = await read(path, flags);
      const drift = await findDrift(spec, await chooseCluster(flags));
      if (flags.json === true) printJson({ drift });
      else printDrift(drift, 'blueprint.same');
      if (drift.length > 0) process.exitCode = 1;
    });
  withClusterOptions(blueprint.command('reconcile').argument('<file>', 'the blueprint'))
    .description('make the running cluster what the blueprint says')
    .option(...keyOption)
    .option('--remove-extra', 'also take machines out that it does not name')
    .option('--bundle <file>', 'take programs and packages for new machines from this bundle')
    .action(async (path: string, flags: BlueprintFlags) => {
      const { reconcile } = await import('../../provisioning/index.ts');
      const { spec } = await read(path, flags);
      const current = await chooseCluster(flags);
      const { removeExtra, bundle } = flags;
      const result = await withProgress((options) => reconcile(spec, current, { ...options, removeExtra, bundle }));
      if (flags.json === true) printJson(result);
      else printDrift(result.left, 'blueprint.mended', { count: result.mended.length });
      if (!result.ok) process.exitCode = 1;
    });
  blueprint
    .command('build')
    .argument('<file>', 'the blueprint')
    .description('build the same cluster, here or elsewhere')
    .option(...keyOption)
    .option('--name <name>', "the new cluster's name")
    .option('--machines <file>', 'addresses and logins elsewhere: a map from machine name to address, user, keyPath, …')
    .option('--bundle <file>', 'take programs, packages and images from this bundle')
    .option('--json', 'print one JSON document on stdout')
    .action(async (path: string, flags: BlueprintFlags) => {
      const { elsewhere, provision } = await import('../../provisioning/index.ts');
      const { spec } = await read(path, flags);
      const machines =
        flags.machines === undefined
          ? undefined
          : (parse(readFileSync(resolve(flags.machines), 'utf8')) as Record<string, object>);
      const there = elsewhere(spec, { name: flags.name, machines });
      const result = await withProgress((options) => provision(there, { ...options, bundle: flags.bundle }));
      if (flags.json === true) printJson(result);
      else if (result.ok) printReady(result);
      if (!result.ok) process.exitCode = 1;
    });
}
