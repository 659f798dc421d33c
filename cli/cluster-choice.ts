// Which cluster a day-two command is about: a cluster file given with -f, or one that this console built, by name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ClusterSpec, RunOptions } from '../provisioning/index.ts';
import { askUnseen } from './passphrase.ts';
import { createProgressPrinter } from './progress.ts';
import { abortOnSignals } from './signals.ts';
import { commandError, sentence } from './text.ts';

/** What every such command takes. */
export interface ClusterFlags {
  readonly file?: string;
  readonly cluster?: string;
  readonly json?: boolean;
}

/** Adds the options to a command. */
export function withClusterOptions(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the cluster file')
    .option('-c, --cluster <name>', 'a cluster that this console built; not needed when there is one only')
    .option('--json', 'print one JSON document on stdout');
}

/** The cluster that the flags mean; throws CommandError (2) when they do not say. */
export async function chooseCluster(flags: ClusterFlags): Promise<ClusterSpec> {
  return withKeptCredentials(await findCluster(flags));
}

async function findCluster(flags: ClusterFlags): Promise<ClusterSpec> {
  const { clusterPaths, homeDir, readClusterFile, userSshConfig } = await import('../provisioning/index.ts');
  const parse: Parse = (yaml, options) => readClusterFile(yaml, { ...options, sshConfig: userSshConfig() });
  if (flags.file !== undefined) return read(resolve(flags.file), parse);
  const folder = join(homeDir(), 'clusters');
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(clusterPaths(name).clusterFile))
    : [];
  const name = flags.cluster ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined || !names.includes(name)) {
    const known =
      names.length === 0 ? sentence('cluster.noneBuilt') : sentence('cluster.built', { names: names.join(', ') });
    throw flags.cluster === undefined
      ? commandError('cluster.unclear', { known })
      : commandError('cluster.unknown', { name: flags.cluster, known });
  }
  return read(clusterPaths(name).clusterFile, parse);
}

/** The passphrase of kept credentials, from the file that $PILOTHOUSE_PASSPHRASE_FILE names: never a command line's word. */
export function passphraseFromFile(): string | undefined {
  const path = process.env['PILOTHOUSE_PASSPHRASE_FILE'];
  return path === undefined ? undefined : readFileSync(path, 'utf8').replace(/\r?\n$/, '');
}

/** The same, else asked for on a terminal with `question`; undefined when nobody can be asked, or nothing was answered. */
export async function vaultPassphrase(question: 'vault.open' | 'vault.keep'): Promise<string | undefined> {
  const given = passphraseFromFile();
  if (given !== undefined || !process.stdin.isTTY) return given;
  const answer = await askUnseen(sentence(question));
  return answer === '' ? undefined : answer;
}

/** The cluster with the credentials that were kept for it here, when a passphrase is at hand. */
async function withKeptCredentials(spec: ClusterSpec): Promise<ClusterSpec> {
  const { clusterPaths, withSealedCredentials } = await import('../provisioning/index.ts');
  const path = clusterPaths(spec.name).sealedCredentials;
  if (!existsSync(path)) return spec;
  const passphrase = await vaultPassphrase('vault.open');
  if (passphrase === undefined) return spec;
  return withSealedCredentials(spec, readFileSync(path, 'utf8'), passphrase);
}

type Parse = (yaml: string, options: { baseDir: string; isRunning: true }) => ClusterSpec;

function read(path: string, parse: Parse): ClusterSpec {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw commandError('file.unreadable', { path }, { exitCode: 2, cause });
  }
  return parse(text, { baseDir: dirname(path), isRunning: true });
}

/** Runs with progress on stderr and one signal for the whole command. */
export async function withProgress<T>(run: (options: RunOptions) => Promise<T>): Promise<T> {
  const progress = createProgressPrinter();
  try {
    return await run({ onProgress: progress.onProgress, signal: abortOnSignals() });
  } finally {
    progress.close();
  }
}
