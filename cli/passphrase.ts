// Asks for a passphrase without ever taking it from a command line, where other users of this computer could read it:
// from a file, the environment variable PILOTHOUSE_PASSPHRASE, or the terminal, unseen.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from './output.ts';

/** The passphrase; `confirm` asks twice on a terminal, for one that is being set. */
export async function askPassphrase(options: { readonly file?: string; readonly confirm?: boolean }): Promise<string> {
  if (options.file !== undefined) {
    try {
      return readFileSync(options.file, 'utf8').replace(/\r?\n$/, '');
    } catch (cause) {
      throw new CommandError(`The passphrase file ${options.file} cannot be read.`, 'check --passphrase-file.', {
        exitCode: 2,
        cause,
      });
    }
  }
  const fromEnvironment = process.env['PILOTHOUSE_PASSPHRASE'];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (!process.stdin.isTTY) {
    throw new CommandError(
      'A passphrase is needed, and there is no terminal to ask for it.',
      'set PILOTHOUSE_PASSPHRASE or give --passphrase-file FILE.',
      { exitCode: 2 },
    );
  }
  const first = await askUnseen('Passphrase or recovery key: ');
  if (options.confirm === true && (await askUnseen('The same again: ')) !== first)
    throw new CommandError('The two passphrases differ.', 'run again.', { exitCode: 2 });
  return first;
}

function askUnseen(question: string): Promise<string> {
  process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  return new Promise((resolve, reject) => {
    lines.on('SIGINT', () => {
      lines.close();
      reject(new CommandError('Stopped.', 'run again when you want to.'));
    });
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}
