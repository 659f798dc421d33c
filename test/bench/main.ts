// `npm run bench [-- SECTION…] [--json FILE]`: measures, prints a table on stderr and one JSON document on stdout (or
// in FILE). Every figure comes with the machine's own speed in the same run, so that ratios can be compared.
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { agentSection } from './agent.ts';
import { apiSection } from './api.ts';
import { apiScaleSection } from './api-scale.ts';
import { consoleSection } from './console.ts';
import { consoleScaleSection } from './console-scale.ts';
import { controllersSection } from './controllers.ts';
import { networkSection } from './network.ts';
import { placementSection } from './placement.ts';
import { provisioningSection } from './provisioning.ts';
import { formatFigures, keepsBar, type Figure, type Section } from './report.ts';
import { roadSection } from './road.ts';
import { schedulerSection } from './scheduler.ts';

const sections: readonly Section[] = [
  provisioningSection,
  roadSection,
  consoleSection,
  consoleScaleSection,
  apiSection,
  apiScaleSection,
  schedulerSection,
  placementSection,
  controllersSection,
  networkSection,
  agentSection,
];

const args = process.argv.slice(2);
const at = args.indexOf('--json');
const file = at < 0 ? undefined : args.splice(at, 2)[1];
const unknown = args.filter((name) => !sections.some((section) => section.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `No benchmark is called ${unknown.join(', ')}.\nNext step: choose of ${sections.map((s) => s.name).join(', ')}.\n`,
  );
  process.exit(2);
}

/** Milliseconds of a fixed single-threaded loop: how fast the machine is at this moment. */
function calibrate(): number {
  const begun = performance.now();
  let sum = 0;
  for (let i = 0; i < 50_000_000; i++) sum = (sum + i * 31) | 0;
  return sum === -1 ? 0 : performance.now() - begun;
}

const results: Record<string, readonly Figure[]> = {};
const calibrationMs = calibrate();
for (const section of sections.filter(({ name }) => args.length === 0 || args.includes(name))) {
  process.stderr.write(`\n${section.name}: ${section.describe}\n`);
  const figures = await section.run((line) => process.stderr.write(`  · ${line}\n`));
  results[section.name] = figures;
  process.stderr.write(`${formatFigures(section.name, figures)}\n`);
}
const figures = Object.values(results).flat();
const failed = figures.filter((figure) => keepsBar(figure) === false);
const machine = { cores: cpus().length, memoryBytes: totalmem(), calibrationMs };
const json = JSON.stringify(
  { date: new Date().toISOString(), machine, results, barsMissed: failed.map((figure) => figure.name) },
  null,
  2,
);
if (file === undefined) process.stdout.write(`${json}\n`);
else writeFileSync(file, `${json}\n`);
process.stderr.write(`\n${figures.length} figures, ${failed.length} below their bar\n`);
