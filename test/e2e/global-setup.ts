// Names this run's shared lab, and removes it when the run ends. The lab itself is made by the first test that asks
// for it (test/support/shared-lab.ts), so that running one browser test does not wait for machines.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { runCli } from '../support/cli.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The lab's name and the console home it lives in. */
    sharedLab: { readonly name: string; readonly home: string };
  }
}

/** Called by vitest before the first e2e test; the answer is called after the last. */
export default function setup(project: TestProject): () => Promise<void> {
  const lab = { name: `e2e${process.pid % 10_000}`, home: mkdtempSync(join(tmpdir(), 'pilothouse-e2e-')) };
  project.provide('sharedLab', lab);
  return async () => {
    if (process.env['PILOTHOUSE_KEEP_LAB'] === '1') return;
    const { code, stderr } = await runCli(['lab', 'down', '--name', lab.name], { PILOTHOUSE_HOME: lab.home });
    if (code !== 0) process.stderr.write(`lab ${lab.name} was not removed:\n${stderr}\n`);
    rmSync(lab.home, { recursive: true, force: true });
  };
}
