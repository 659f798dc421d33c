// Builds dist/: the two programs that run on machines, the renderer, and the Electron shell. What has not changed since
// the last build is not built again (a fingerprint of each target's sources is kept beside it).
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle, type BuildOptions } from 'esbuild';
import { build as viteBuild } from 'vite';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

interface Target {
  readonly name: string;
  readonly output: string;
  readonly sources: readonly string[];
  readonly run: () => Promise<unknown>;
}

/** CommonJS packages inside an ES module still call require, __dirname and __filename; this gives them theirs. */
const requireBanner = [
  `import { createRequire as __createRequire } from 'node:module';`,
  `import { fileURLToPath as __fileURLToPath } from 'node:url';`,
  `const require = __createRequire(import.meta.url);`,
  `const __filename = __fileURLToPath(import.meta.url);`,
  `const __dirname = __fileURLToPath(new URL('.', import.meta.url));`,
].join('\n');

const forNode: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  // Names stay as written: stacks can be read, and esbuild's `keepNames` would cost a call for every closure made.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  external: ['electron', 'cpu-features', '*.node'],
};

/** What dockerode requires at import and needs only for BuildKit and for Docker over SSH, which the agent never uses. */
const absent = join(root, 'agent/runtime/docker/absent.ts');
const leftOut = Object.fromEntries(
  ['@grpc/grpc-js', '@grpc/proto-loader', 'ssh2', 'protobufjs'].map((name) => [name, absent]),
);

/** The agent's DNS thread as a script of its own (15 KB), embedded as text: a thread that loaded all of agent.mjs cost 20 MB. */
async function embedDnsWorker(): Promise<Record<string, string>> {
  const entryPoints = [join(root, 'agent/dns/worker-main.ts')];
  const { outputFiles } = await bundle({ ...forNode, entryPoints, format: 'cjs', write: false });
  return { pilothouseDnsWorker: JSON.stringify(outputFiles[0]?.text) };
}

interface ProgramOptions {
  readonly alias?: Record<string, string>;
  /** Names that the source leaves to the build, and what they stand for. */
  readonly define?: () => Promise<Record<string, string>>;
}

function program(name: string, sources: readonly string[], { alias = {}, define }: ProgramOptions = {}): Target {
  const output = join(dist, `${name}.mjs`);
  const entryPoints = [join(root, `cli/programs/${name}.ts`)];
  const run = async (): Promise<unknown> =>
    bundle({
      ...forNode,
      entryPoints,
      outfile: output,
      format: 'esm',
      banner: { js: requireBanner },
      alias,
      define: await define?.(),
    });
  return { name, output, sources: ['api', 'machinery', 'cli/programs', ...sources], run };
}

function electronPart(name: 'main' | 'preload'): Target {
  const output = join(dist, `electron/${name}.cjs`);
  const entryPoints = [join(root, `electron/${name}.ts`)];
  const define = { 'import.meta.dirname': '__dirname', 'import.meta.url': '__pilothouseUrl' };
  const banner = { js: `const __pilothouseUrl = require('node:url').pathToFileURL(__filename).href;` };
  const run = (): Promise<unknown> =>
    bundle({ ...forNode, entryPoints, outfile: output, format: 'cjs', ...(name === 'main' ? { define, banner } : {}) });
  return { name: `electron ${name}`, output, sources: ['api', 'machinery', 'provisioning', 'electron'], run };
}

const targets: readonly Target[] = [
  program('control-plane', ['control-plane']),
  program('agent', ['agent'], { alias: leftOut, define: embedDnsWorker }),
  electronPart('main'),
  electronPart('preload'),
  {
    name: 'renderer',
    output: join(dist, 'renderer/index.html'),
    sources: ['api', 'renderer'],
    run: () => viteBuild({ configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' }),
  },
];

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (!entry.name.endsWith('.test.ts')) yield path;
  }
}

function fingerprint(target: Target): string {
  const hash = createHash('sha256');
  const paths = target.sources.flatMap((source) => [...sourceFiles(join(root, source))]);
  for (const path of [...paths.sort(), join(root, 'package-lock.json'), import.meta.filename]) {
    hash.update(path.slice(root.length)).update(readFileSync(path));
  }
  return hash.digest('hex');
}

async function build(target: Target): Promise<boolean> {
  const stamp = join(dist, '.stamps', target.name.replace(' ', '-'));
  const wanted = fingerprint(target);
  if (existsSync(target.output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  await target.run();
  await mkdir(join(dist, '.stamps'), { recursive: true });
  await writeFile(stamp, wanted);
  return true;
}

const wanted = process.argv.slice(2);
const chosen = targets.filter((target) => wanted.length === 0 || wanted.includes(target.name));
const built: string[] = [];
for (const target of chosen) {
  if (await build(target)) built.push(`${target.name} ${Math.round(statSync(target.output).size / 1024)} KB`);
}
process.stdout.write(built.length === 0 ? 'nothing changed\n' : `${built.join(', ')}\n`);
