// The command line's own sentences, in the terminal's language.
import { languageOf, type Language } from './language.ts';
import { CommandError, printLine } from './output.ts';
import { cliMessages } from './text.data.ts';

export type CliMessage = keyof typeof cliMessages;
type Values = Readonly<Record<string, string | number>>;

/** The sentence `key` with its `{name}` places filled. */
export function sentence(key: CliMessage, values: Values = {}, language: Language = languageOf(process.env)): string {
  const [en, zh] = cliMessages[key];
  const template = language === 'en' ? en : zh;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** What `tell` takes. */
export type TellArguments = readonly [key: CliMessage, values?: Values];

/** Prints the sentence on stdout. */
export function tell(key: CliMessage, values: Values = {}): void {
  printLine(sentence(key, values));
}

/** A failure whose remedy is the sentence `<key>.remedy`. */
export function commandError(
  key: CliMessage,
  values: Values = {},
  options: { exitCode?: 1 | 2; cause?: unknown } = { exitCode: 2 },
): CommandError {
  return new CommandError(sentence(key, values), sentence(`${key}.remedy` as CliMessage, values), options);
}
