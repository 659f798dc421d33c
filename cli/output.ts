// What the command line prints: progress on stderr, results on stdout, failures as one sentence and the next step.
// With --json, stdout carries exactly one JSON document.
import { languageOf, say, type Text } from './language.ts';
import { cliMessages } from './text.data.ts';

/** A failure that the user can mend: exit code 1 (failed) or 2 (bad usage). */
export class CommandError extends Error {
  readonly remedy: string;
  readonly exitCode: 1 | 2;

  constructor(message: string, remedy: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.remedy = remedy;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Prints one JSON document on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints a line for people on stdout. */
export function printLine(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a line of progress on stderr, so that stdout stays clean for results. */
export function printProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The next step that an error carries, as plain text or as a text in two languages. */
function remedyOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('remedy' in error)) return undefined;
  const { remedy } = error;
  if (typeof remedy === 'string') return remedy;
  return remedy === undefined ? undefined : say(remedy as Text);
}

/** Prints a failure and answers the exit code it asks for; an error that nobody foresaw keeps its stack. */
export function printFailure(error: unknown): number {
  const remedy = remedyOf(error);
  if (remedy !== undefined && error instanceof Error) {
    const message = 'text' in error ? say(error.text as Text) : error.message;
    const [en, zh] = cliMessages.next;
    const next = (languageOf(process.env) === 'en' ? en : zh).replace('{remedy}', () => remedy);
    process.stderr.write(`${message}\n${next}\n`);
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
  return error instanceof CommandError ? error.exitCode : 1;
}

/** Columns of a terminal that `text` takes: Chinese characters take two. */
function widthOf(text: string): number {
  return [...text].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
        ? 2
        : 1),
    0,
  );
}

/** Lines up rows under their headers with two spaces between columns. */
export function formatTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headers, ...rows];
  const widths = headers.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
