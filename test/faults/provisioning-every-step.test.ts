// A run of provisioning is broken at every step in each way; resuming completes it, and reverting leaves the machine as it
// was found. `npm run test:faults` goes through all; `npm test` takes a sample (PILOTHOUSE_SEED chooses it again): any on a
// developer's machine, always the same under CI, which judges a change and not luck.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  buildSampleImage,
  deprovision,
  type LabMachine,
  labDown,
  labUp,
  planCluster,
  readClusterFile,
} from '../../provisioning/index.ts';
import { difference, snapshot } from '../../provisioning/machines/snapshot.testing.ts';
import { requires } from '../support/requirements.ts';
import { allFaults, type Fault, mountSmallDisk } from './provisioning-faults.ts';

const isComplete = process.env['PILOTHOUSE_FAULTS'] === 'all';
const sampleOfCi = 682_600; // an apt lock held at docker, power cut while packages are unpacked
const isCi = process.env['CI'] === 'true';
const seed = Number(process.env['PILOTHOUSE_SEED'] ?? (isCi ? sampleOfCi : Math.floor(Math.random() * 1e6)));
const faults = allFaults();
const name = `f${process.pid % 100_000}`;
const home = mkdtempSync(join(tmpdir(), 'pilothouse-faults-'));
const clusterFile = join(home, 'cluster.yaml');
const spec = (): ReturnType<typeof readClusterFile> => readClusterFile(yaml);
let yaml = `{name: ${name}, machines: [{name: m, address: 192.0.2.1, role: both}]}`;
let machine: LabMachine;
let bare = '';
let image = '';
let unmount = (): void => undefined;

interface Outcome {
  readonly ok?: boolean;
  readonly refused?: readonly string[];
  readonly steps?: readonly { readonly id: string; readonly state: string; readonly error?: string }[];
}

/** Runs a console to its end, or breaks it with `fault` when `step` begins; undefined when it was killed. */
async function runConsole(fault?: Fault, step?: string): Promise<Outcome | undefined> {
  const program = join(import.meta.dirname, 'provisioning-run.ts');
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [program, clusterFile, home, image], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stderr.pipe(process.stderr);
  let outcome: Outcome | undefined;
  let injected: Promise<void> | undefined;
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as Outcome & { step?: string; state?: string };
    if (event.ok !== undefined) outcome = event;
    if (fault !== undefined && injected === undefined && event.step === step && event.state === 'running')
      injected = Promise.resolve(fault.inject({ name, home, machine, console: child }));
  }
  await ended;
  if (fault !== undefined) expect(injected, `${step} never began: ${JSON.stringify(outcome)}`).toBeDefined();
  try {
    await injected;
  } finally {
    await fault?.lift({ name, home, machine });
  }
  return outcome;
}

async function expectComplete(): Promise<void> {
  const outcome = await runConsole();
  expect(outcome?.refused ?? outcome?.steps?.filter((step) => step.state === 'failed')).toEqual([]);
  expect(outcome?.ok).toBe(true);
}

async function expectReverted(): Promise<void> {
  const result = await deprovision(spec(), { home });
  expect(result.steps.filter((step) => step.state !== 'reverted')).toEqual([]);
  expect(difference(bare, snapshot(machine))).toEqual([]);
}

const machineSteps = planCluster(spec()).steps.flatMap((step) => (step.machine === undefined ? [] : [step.kind]));
const stepOf = (kind: string): string => `${kind}@${machine.name}`;

/** Two pairs of a way and a step that the seed chooses: one from each half of the road. */
function sample(): { readonly fault: Fault; readonly kind: string }[] {
  const half = Math.ceil(machineSteps.length / 2);
  return [machineSteps.slice(0, half), machineSteps.slice(half)].map((kinds, index) => {
    const at = Math.floor(seed / 7 ** index);
    const fault = faults[at % faults.length];
    const kind = kinds[at % kinds.length];
    if (fault === undefined || kind === undefined) throw new Error('nothing to choose from');
    return { fault, kind };
  });
}

requires('lab')(isComplete ? 'every step, every fault' : `a sample of faults (PILOTHOUSE_SEED=${seed})`, () => {
  beforeAll(async () => {
    unmount = mountSmallDisk(home);
    image = await buildSampleImage();
    const lab = await labUp({ name, home, masters: 1, workers: 0, bare: true });
    [machine] = lab.machines as [LabMachine];
    bare = snapshot(machine);
    yaml = JSON.stringify({
      name,
      machines: lab.machines.map(({ name: label, address, role, user, keyPath }) => ({
        name: label,
        address,
        role,
        user,
        keyPath,
      })),
    });
    writeFileSync(clusterFile, yaml);
  });
  afterAll(async () => {
    await faults.find((fault) => fault.name === 'disk full')?.lift({ name, home, machine }); // else nothing can be removed
    await labDown({ name, home });
    unmount();
    rmSync(home, { recursive: true, force: true });
  });

  for (const fault of isComplete ? faults : []) {
    test(`${fault.name}, at every step in turn: the next run goes on, the last completes`, async () => {
      for (const kind of machineSteps) await runConsole(fault, stepOf(kind));
      await expectComplete();
      await expectReverted();
    });
    test.each(machineSteps)(`${fault.name} at %s: reverting restores the machine`, async (kind) => {
      await runConsole(fault, stepOf(kind));
      await expectReverted();
    });
  }

  test.each(isComplete ? [] : sample().map(({ fault, kind }) => [fault.name, kind, fault] as const))(
    '%s at %s: resuming completes, reverting restores the machine',
    async (_, kind, fault) => {
      await runConsole(fault, stepOf(kind));
      await expectComplete();
      await expectReverted();
    },
  );
});
