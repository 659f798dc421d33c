import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimInstance } from './instance.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-instance-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps its identity from start to start', async () => {
  const first = await claimInstance(folder);
  await first.release();
  expect((await claimInstance(folder)).identity).toBe(first.identity);
});

it.runIf(process.platform === 'linux')(
  'refuses a folder that a living process holds, not one of a dead process',
  async () => {
    await claimInstance(folder);
    const other = spawn('sleep', ['60']);
    const stat = await readFile(`/proc/${other.pid}/stat`, 'utf8');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    await writeFile(join(folder, 'control-plane.pid'), `${other.pid} ${startedAt}`);
    await expect(claimInstance(folder)).rejects.toThrow(`in use by the control plane with process id ${other.pid}`);
    const ended = new Promise((resolve) => other.once('exit', resolve));
    other.kill();
    await ended;
    await expect(claimInstance(folder)).resolves.toMatchObject({ identity: expect.stringContaining('_') as string });
  },
);
