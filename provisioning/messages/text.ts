// Makes finished sentences in both languages from the tables beside this file; a key without a table entry does not compile.
import type { Text } from '../contract.ts';
import { dayTwoMessages } from './day-two.data.ts';
import { errorMessages } from './errors.data.ts';
import { hypervisorMessages } from './hypervisor.data.ts';
import { labMessages } from './lab.data.ts';
import { preflightMessages } from './preflight.data.ts';
import { problemMessages } from './problems.data.ts';
import { stepMessages } from './steps.data.ts';

const messages = {
  ...dayTwoMessages,
  ...errorMessages,
  ...hypervisorMessages,
  ...labMessages,
  ...preflightMessages,
  ...problemMessages,
  ...stepMessages,
};

/** Every sentence this part can say. */
export type MessageKey = keyof typeof messages;

/** The sentence `key` with `{name}` places filled from `values`, in English and Simplified Chinese. */
export function text(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): Text {
  const [en, zh] = messages[key];
  return { key, values, en: fill(en, values), 'zh-CN': fill(zh, values) };
}

/** The same with `{problems}` filled by several sentences, in each language by its own. */
export function textOfProblems(
  key: MessageKey,
  problems: readonly Text[],
  values: Readonly<Record<string, string | number>> = {},
): Text {
  const en = text(key, { ...values, problems: problems.map((problem) => problem.en).join('; ') });
  const zh = text(key, { ...values, problems: problems.map((problem) => problem['zh-CN']).join('；') });
  return { ...en, 'zh-CN': zh['zh-CN'] };
}

function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
