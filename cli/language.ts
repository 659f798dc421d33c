// The terminal's language, and sentences that come in both.
import type { Text } from '../provisioning/index.ts';

export type { Text };
export type Language = 'en' | 'zh-CN';

/** The language of the terminal, from the usual environment variables; English unless it says Chinese. */
export function languageOf(env: NodeJS.ProcessEnv): Language {
  const locale = env['LC_ALL'] ?? env['LC_MESSAGES'] ?? env['LANG'] ?? '';
  return /^zh/i.test(locale) ? 'zh-CN' : 'en';
}

/** The text in the terminal's language. */
export function say(text: Pick<Text, 'en' | 'zh-CN'>, language: Language = languageOf(process.env)): string {
  return text[language];
}
