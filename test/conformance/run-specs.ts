// Runs named specs of upstream's e2e.test and reads its JSON report. The suite's own words go to a log; each spec is named
// on stderr when it begins.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

export interface Outcome {
  readonly state: 'passed' | 'failed' | 'notRun';
  readonly message?: string;
}

interface GinkgoSpec {
  readonly ContainerHierarchyTexts: readonly string[] | null;
  readonly LeafNodeText: string;
  readonly LeafNodeType: string;
  readonly State: string;
  readonly Failure?: { readonly Message?: string };
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Runs the specs with exactly these names, one after the other; resolves when the suite has ended. */
export function runSpecs(run: {
  binary: string;
  kubeconfig: string;
  names: readonly string[];
  report: string;
  log: string;
}): Promise<void> {
  const folder = dirname(run.binary);
  const args = [
    '--provider=skeleton',
    `--kubeconfig=${run.kubeconfig}`,
    `--kubectl-path=${folder}/kubectl`,
    '--allowed-not-ready-nodes=0',
    '--disable-log-dump',
    '--dump-logs-on-failure=false',
    '--ginkgo.no-color',
    '--ginkgo.v',
    '--ginkgo.timeout=6h',
    `--ginkgo.json-report=${run.report}`,
    ...run.names.map((name) => `--ginkgo.focus=${escape(name)}$`),
  ];
  const env = { ...process.env, KUBECONFIG: run.kubeconfig };
  const child = spawn(run.binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const log = createWriteStream(run.log);
  child.stderr.pipe(log, { end: false });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/^S+$/.test(line)) return;
    log.write(`${line}\n`);
    if (/^\[sig-.*\[Conformance\]/.test(line)) process.stderr.write(`${line.slice(0, 160)}\n`);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', () => log.end(() => resolve()));
  });
}

/** What the report says of each spec, by its full name. */
export function readReport(path: string): Map<string, Outcome> {
  if (!existsSync(path)) return new Map();
  const suites = JSON.parse(readFileSync(path, 'utf8')) as { SpecReports: GinkgoSpec[] | null }[];
  const outcomes = new Map<string, Outcome>();
  for (const spec of suites.flatMap((suite) => suite.SpecReports ?? [])) {
    if (spec.LeafNodeType !== 'It') continue;
    const name = [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText].join(' ');
    const state =
      spec.State === 'passed' ? 'passed' : spec.State === 'skipped' || spec.State === 'pending' ? 'notRun' : 'failed';
    if (state !== 'notRun') outcomes.set(name, { state, message: spec.Failure?.Message });
  }
  return outcomes;
}
