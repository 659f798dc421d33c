// What the scheduler says to people: a key with the numbers, and its words in the console's two languages.
import { sentences } from './sentences.data.ts';
import type { SentenceKey } from './sentences.data.ts';

export interface Sentence {
  readonly key: SentenceKey;
  readonly values: Readonly<Record<string, string | number>>;
}

export type Language = 'en' | 'zh-CN';

/** The sentence in a language, its values filled in. */
export function formatSentence({ key, values }: Sentence, language: Language): string {
  return sentences[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
