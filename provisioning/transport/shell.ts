// Shell words, and what every transport does on top of bare `exec`: exit codes as errors, whole files.
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import type { ExecOptions, ExecResult, Transport } from './contract.ts';

/** `word` quoted for a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

type Exec = (script: string, options?: ExecOptions) => Promise<ExecResult>;

/** A Transport made from its one primitive. */
export function transportFrom(machine: string, exec: Exec, close: () => void): Transport {
  const run = async (script: string, options: ExecOptions = {}): Promise<string> => {
    const result = await exec(script, options);
    if (result.code !== 0) throw commandFailed(machine, script, result);
    return result.stdout;
  };
  const store = (path: string, mode: number, stdin: ExecOptions['stdin'], signal?: AbortSignal): Promise<string> => {
    const target = quote(path);
    const unfinished = quote(`${path}.unfinished`);
    const folder = quote(posix.dirname(path));
    return run(
      `umask 077; mkdir -p -m 755 ${folder} && cat > ${unfinished} && chmod ${mode.toString(8)} ${unfinished} && mv -f ${unfinished} ${target}`,
      { stdin, signal },
    );
  };
  return {
    machine,
    exec,
    run,
    close,
    async writeFile(path, content, options = {}) {
      await store(path, options.mode ?? 0o644, content, options.signal);
    },
    async upload(localPath, path, options = {}) {
      let sentBytes = 0;
      const source = createReadStream(localPath, { highWaterMark: 1 << 20 });
      const counted = Readable.from(
        (async function* () {
          for await (const chunk of source as AsyncIterable<Buffer>) {
            sentBytes += chunk.length;
            options.onProgress?.(sentBytes);
            yield chunk;
          }
        })(),
        { objectMode: false, highWaterMark: 4 << 20 },
      );
      await store(path, options.mode ?? 0o644, counted, options.signal);
    },
    async readFile(path) {
      const result = await exec(`if [ -e ${quote(path)} ]; then cat ${quote(path)}; else exit 44; fi`, {
        isSecret: true,
      });
      if (result.code === 44) return undefined;
      if (result.code !== 0) throw commandFailed(machine, `cat ${path}`, result);
      return result.stdout;
    },
  };
}

function commandFailed(machine: string, script: string, result: ExecResult): ProvisioningError {
  const output = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-6).join(' | ');
  const command = script.length > 120 ? `${script.slice(0, 117)}...` : script;
  return new ProvisioningError(
    'CommandFailed',
    text('error.command', { machine, command, code: String(result.code), output: output || '-' }),
    text('error.command.remedy'),
  );
}
