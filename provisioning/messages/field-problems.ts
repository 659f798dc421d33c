// What a schema says of a document, in both languages: zod's own words from its locales, ours from the table.
import { z } from 'zod';
import type { Text } from '../contract.ts';
import { problemMessages } from './problems.data.ts';
import { text } from './text.ts';

const inChinese = { error: z.locales.zhCN().localeError };
const words = new Map<string, string>(
  Object.entries(problemMessages)
    .filter(([key]) => key.startsWith('word.'))
    .map(([, [en, zh]]) => [en, zh]),
);

/** Everything that `schema` has against `document`, each with its place; empty when it suits. */
export function fieldProblems(schema: z.ZodType, document: unknown): Text[] {
  const english = schema.safeParse(document).error?.issues ?? [];
  const chinese = schema.safeParse(document, inChinese).error?.issues ?? [];
  return english.map(({ path, message }, index) => {
    const place = path.join('.');
    const translated = words.get(message) ?? chinese[index]?.message ?? message;
    const en = text('problem.field', { place: place || text('word.file').en, problem: message });
    const zh = text('problem.field', { place: place || text('word.file')['zh-CN'], problem: translated });
    return { ...en, 'zh-CN': zh['zh-CN'] };
  });
}

/** A problem that others describe: a parser, the system. */
export function asTold(cause: unknown): Text {
  return text('error.other', { reason: cause instanceof Error ? cause.message : String(cause) });
}
