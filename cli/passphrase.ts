// Asks for a passphrase without ever taking it from a command line, where other users of this computer could read it:
// from a file, the environment variable PILOTHOUSE_PASSPHRASE, or the terminal, unseen.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { commandError, sentence } from './text.ts';

/** The passphrase; `confirm` asks twice on a terminal, for one that is being set. */
export async function askPassphrase(options: { readonly file?: string; readonly confirm?: boolean }): Promise<string> {
  if (options.file !== undefined) {
    try {
      return readFileSync(options.file, 'utf8').replace(/\r?\n$/, '');
    } catch (cause) {
      throw commandError('passphrase.unreadable', { path: options.file }, { exitCode: 2, cause });
    }
  }
  const fromEnvironment = process.env['PILOTHOUSE_PASSPHRASE'];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (!process.stdin.isTTY) {
    throw commandError('passphrase.needed');
  }
  const first = await askUnseen(sentence('passphrase.ask'));
  if (options.confirm === true && (await askUnseen(sentence('passphrase.again'))) !== first)
    throw commandError('passphrase.differ');
  return first;
}

/** Asks on the terminal; what is typed is not shown. */
export function askUnseen(question: string): Promise<string> {
  process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  return new Promise((resolve, reject) => {
    lines.on('SIGINT', () => {
      lines.close();
      reject(commandError('stopped', {}, { exitCode: 1 }));
    });
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}
