// How an error reads in the present language. The server's own words stay; the remedy is ours to translate.
import type { ConsoleError } from '../../api/console/index.ts';

/** What happened and what to do next. */
export function errorWords(
  error: ConsoleError,
  locale: string,
  t: (key: string) => string,
): { message: string; remedy: string } {
  const language = locale === 'zh-CN' ? 'zh-CN' : 'en';
  if (error.local) {
    const remedy = error.local.remedy?.[language] ?? t(`errors.${error.reason}`);
    return { message: error.local.message[language], remedy };
  }
  const message = error.reason === 'Disconnected' ? t('shell.disconnected') : error.message;
  return { message, remedy: t(`errors.${error.reason}`) };
}
