// `pilothouse bundle create|show|verify`: one signed file with all that machines without internet need.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { BundleManifest } from '../../provisioning/index.ts';
import { formatTable, printJson, printLine } from '../output.ts';
import { createProgressPrinter } from '../progress.ts';
import { abortOnSignals } from '../signals.ts';

interface CreateFlags {
  readonly output?: string;
  readonly target: readonly string[];
  readonly image: readonly string[];
  readonly programs?: string;
  readonly node: Readonly<Record<string, string>>;
  readonly mirror: Readonly<Record<string, string>>;
  readonly keyring: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

interface ReadFlags {
  readonly key?: string;
  readonly json?: boolean;
}

const collect = (value: string, former: readonly string[]): string[] => [...former, value];

function collectPair(value: string, former: Readonly<Record<string, string>>): Record<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('NAME=VALUE is expected.');
  return { ...former, [value.slice(0, at)]: value.slice(at + 1) };
}

function printBundle(file: string, fingerprint: string, manifest: BundleManifest, sizeBytes?: number): void {
  const sum = sizeBytes ?? manifest.files.reduce((total, each) => total + each.sizeBytes, 0);
  printLine(`${file}  ${(sum / 1e6).toFixed(0)} MB`);
  printLine(`signed by    ${fingerprint}`);
  printLine(`made         ${manifest.createdAt}`);
  printLine(`programs     ${manifest.programs.map((each) => `${each.version} (${each.arch})`).join(', ')}`);
  for (const image of manifest.images) printLine(`image        ${image.references.join(', ')}`);
  const rows = manifest.targets.map((target) => {
    const version = (name: string): string => target.packages.find((each) => each.name === name)?.version ?? '–';
    const system = `${target.id}-${target.version}/${target.arch}`;
    return [system, String(target.packages.length), version('docker.io'), version('etcd-server')];
  });
  printLine(formatTable(['TARGET', 'PACKAGES', 'DOCKER', 'ETCD'], rows));
}

/** Adds `bundle` with its three verbs. */
export function addBundleCommand(program: Command): void {
  const bundle = program.command('bundle').description('one signed file with all that machines without internet need');
  bundle
    .command('create')
    .description('gather programs, Node runtimes, Debian packages with dependencies, and images into one signed file')
    .option('-o, --output <file>', 'the file to write (default: pilothouse-VERSION.bundle here)')
    .option('--target <system>', 'debian-12/amd64, ubuntu-24.04/arm64, …; may be given again', collect, [])
    .option('--image <archive>', 'a docker-archive to bring along; may be given again', collect, [])
    .option('--programs <dir>', 'built programs (default: dist/ of this checkout)')
    .option('--node <arch=file>', 'the Node binary for an architecture', collectPair, {})
    .option('--mirror <id=address>', "a distribution's package archive, where apt here has none", collectPair, {})
    .option('--keyring <id=file>', "that archive's keyring", collectPair, {})
    .option('--json', 'print one JSON document on stdout')
    .action(async (flags: CreateFlags) => {
      const { createBundle, defaultBundlePath, programsVersion } = await import('../../provisioning/index.ts');
      const progress = createProgressPrinter();
      try {
        const created = await createBundle({
          output: flags.output === undefined ? defaultBundlePath(await programsVersion()) : resolve(flags.output),
          targets: flags.target.length === 0 ? undefined : flags.target,
          images: flags.image.map((path) => resolve(path)),
          programsDir: flags.programs === undefined ? undefined : resolve(flags.programs),
          nodePaths: flags.node,
          mirrors: flags.mirror,
          keyrings: flags.keyring,
          onProgress: progress.onProgress,
          signal: abortOnSignals(),
        });
        progress.close();
        if (flags.json === true) printJson(created);
        else printBundle(created.path, created.fingerprint, created.manifest, created.sizeBytes);
      } finally {
        progress.close();
      }
    });
  for (const [verb, description] of [
    ['show', 'tell what is in a bundle and who made it'],
    ['verify', 'check signature and every checksum; with --key, trust that maker from now on'],
  ] as const) {
    bundle
      .command(verb)
      .argument('<file>', 'the bundle')
      .description(description)
      .option('--key <fingerprint>', "the maker's fingerprint, as the maker tells it")
      .option('--json', 'print one JSON document on stdout')
      .action(async (path: string, flags: ReadFlags) => {
        const { verifyBundle } = await import('../../provisioning/index.ts');
        const file = resolve(path);
        const { manifest, fingerprint, trusted } = await verifyBundle(file, {
          key: flags.key,
          signal: abortOnSignals(),
        });
        if (flags.json === true) printJson({ file, fingerprint, trusted, manifest });
        else {
          printBundle(file, fingerprint, manifest);
          printLine(
            trusted
              ? 'Whole and trusted.'
              : 'Whole; its maker is not known here (compare the fingerprint, then verify --key).',
          );
        }
        if (verb === 'verify' && !trusted) process.exitCode = 1;
      });
  }
}
