// `npm run conformance -- --bin DIR`: runs upstream's e2e.test, found in DIR and never part of this repository, as a
// black box against our control plane with a real etcd and hollow nodes, or against any cluster by --kubeconfig.
// Prints passed, failed and not run against ../shared/reference/conformance-tests.json. Exit 1 when a spec failed.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodes } from '../../api/kinds/core/index.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createRestClient } from '../../machinery/rest-client.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import { startControlPlane } from '../support/control-plane.ts';
import { until } from '../support/until.ts';
import { readReport, runSpecs, type Outcome } from './run-specs.ts';

const root = join(import.meta.dirname, '../..');

interface Spec {
  readonly name: string;
  readonly area: string;
  readonly controlPlaneOnly?: boolean;
}

const usage = `npm run conformance -- --bin DIR [--areas A,B/*] [--names FILE] [--focus TEXT] [--skip TEXT] [--control-plane-only] [--kubeconfig FILE] [--json FILE] [--log FILE]`;
const { values } = parseArgs({
  options: {
    bin: { type: 'string' },
    areas: { type: 'string' },
    /** A file with one spec's name on each line. */
    names: { type: 'string' },
    focus: { type: 'string' },
    skip: { type: 'string' },
    kubeconfig: { type: 'string' },
    json: { type: 'string' },
    log: { type: 'string' },
    'control-plane-only': { type: 'boolean' },
  },
});
const binary = join(values.bin ?? '.', 'e2e.test');
const list = join(root, '../shared/reference/conformance-tests.json');
for (const [path, what] of [
  [binary, 'upstream e2e.test is not in --bin DIR'],
  [list, 'the list of conformance specs is not beside this checkout'],
] as const) {
  if (existsSync(path)) continue;
  process.stderr.write(`${path}: ${what}.\nNext step: ${usage}\n`);
  process.exit(2);
}

/** The suite gives up at once where no node is ready. */
async function untilNodesAreReady(kubeconfigPath: string): Promise<void> {
  const client = createRestClient({ transport: createHttpsTransport(clusterOf(loadKubeconfig(kubeconfigPath))) });
  const isReady = (node: { status?: { conditions?: { type: string; status: string }[] } }): boolean =>
    node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  try {
    await until(
      'ready nodes',
      async () => (await client.resource(nodes).list()).items.filter(isReady).length >= hollowNodes,
    );
  } finally {
    client.close();
  }
}

const patterns = values.areas?.split(',') ?? ['*'];
const inAreas = (area: string): boolean =>
  patterns.some(
    (pattern) =>
      pattern === '*' || pattern === area || (pattern.endsWith('*') && area.startsWith(pattern.slice(0, -1))),
  );
const named = values.names === undefined ? undefined : new Set(readFileSync(values.names, 'utf8').split('\n'));
const specs = (JSON.parse(readFileSync(list, 'utf8')) as Spec[])
  .filter((spec) => inAreas(spec.area))
  .filter((spec) => values['control-plane-only'] !== true || spec.controlPlaneOnly === true)
  .filter((spec) => named?.has(spec.name) ?? true)
  .filter((spec) => values.focus === undefined || spec.name.includes(values.focus))
  .filter((spec) => values.skip === undefined || !spec.name.includes(values.skip));
process.stderr.write(`${specs.length} specs\n`);

const hollowNodes = 3;
const folder = mkdtempSync(join(tmpdir(), 'pilothouse-conformance-'));
const cluster = values.kubeconfig === undefined ? await startControlPlane({ hollowNodes }) : undefined;
let outcomes: Map<string, Outcome>;
try {
  if (cluster) await untilNodesAreReady(cluster.kubeconfigPath);
  const report = join(folder, 'report.json');
  const log = values.log ?? join(tmpdir(), 'pilothouse-conformance.log');
  process.stderr.write(`the suite's own words: ${log}\n`);
  await runSpecs({
    binary,
    kubeconfig: values.kubeconfig ?? cluster?.kubeconfigPath ?? '',
    names: specs.map((spec) => spec.name),
    report,
    log,
  });
  outcomes = readReport(report);
} finally {
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
}

const byState = { passed: [] as string[], failed: [] as string[], notRun: [] as string[] };
for (const spec of specs) byState[outcomes.get(spec.name)?.state ?? 'notRun'].push(spec.name);
for (const name of byState.failed)
  process.stdout.write(`FAILED   ${name}\n         ${outcomes.get(name)?.message?.split('\n')[0] ?? ''}\n`);
for (const name of byState.notRun) process.stdout.write(`NOT RUN  ${name}\n`);
for (const name of byState.passed) process.stdout.write(`PASSED   ${name}\n`);
process.stdout.write(
  `\n${byState.passed.length} passed, ${byState.failed.length} failed, ${byState.notRun.length} not run\n`,
);
if (values.json !== undefined) {
  const messages = Object.fromEntries(byState.failed.map((name) => [name, outcomes.get(name)?.message ?? '']));
  writeFileSync(values.json, JSON.stringify({ ...byState, messages }, null, 2));
}
process.exit(byState.failed.length === 0 ? 0 : 1);
