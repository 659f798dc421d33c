import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pauseProgram } from './pause-image.ts';

const folder = await mkdtemp(join(tmpdir(), 'pilothouse-pause-'));
afterAll(() => rm(folder, { recursive: true }));

describe('the pause program', () => {
  it.each(['x64', 'arm64'])('is a small static executable for %s', (architecture) => {
    const program = pauseProgram(architecture);
    expect(program.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(program.length).toBeLessThan(256);
    expect(program.readBigUInt64LE(96)).toBe(BigInt(program.length));
  });

  it('names the architectures it knows when asked for another', () => {
    expect(() => pauseProgram('mips')).toThrow('x64 and arm64');
  });

  it.skipIf(process.platform !== 'linux')('runs, ignores SIGCHLD and sleeps until it is killed', async () => {
    const path = join(folder, 'pause');
    await writeFile(path, pauseProgram(process.arch), { mode: 0o755 });
    const child = spawn(path, { stdio: 'ignore' });
    await once(child, 'spawn');
    const ignored = async (): Promise<bigint> => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return BigInt(`0x${/SigIgn:\s*(\w+)/.exec(status)?.[1] ?? '0'}`);
    };
    await expect.poll(ignored).toSatisfy((mask: bigint) => (mask & (1n << 16n)) !== 0n);
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });
});
