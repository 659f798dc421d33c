// A console as a process of its own, so that it can be killed: provisions the cluster file given, tells every event as one
// JSON line on stdout, and ends with the result. `clock-jump` on stdin moves its clock a day on, once.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock, type Clock } from '../../machinery/clock.ts';
import { planCluster } from '../../provisioning/plan/plan-cluster.ts';
import { preflight, readClusterFile, runPlan } from '../../provisioning/index.ts';

const [clusterFile = '', home = '', ...images] = process.argv.slice(2);
let offsetMs = 0;
process.stdin.on('data', () => (offsetMs = 86_400_000));
process.stdin.unref();
const clock: Clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
const tell = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const spec = readClusterFile(readFileSync(clusterFile, 'utf8'), { baseDir: dirname(clusterFile) });
try {
  const report = await preflight(spec, { home });
  const facts = report.machines.flatMap((machine) => machine.facts ?? []);
  const refused = report.machines.flatMap((machine) =>
    machine.checks.filter((check) => !check.ok && check.severity === 'error').map((check) => check.message.en),
  );
  if (!report.ok) tell({ ok: false, refused });
  else {
    const onProgress = ({ step, state, message }: { step: string; state: string; message?: { en: string } }): void =>
      tell({ step, state, message: message?.en });
    tell(await runPlan(planCluster(spec, facts), spec, { home, images, onProgress }, clock));
  }
} catch (error) {
  tell({ ok: false, refused: [error instanceof Error ? error.message : String(error)] });
}
process.exit(0);
