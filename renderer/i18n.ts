// The console's languages. English is the source; another locale is one file, loaded when asked for.
import { createI18n } from 'vue-i18n';
import en from './locales/en.ts';

export type Locale = 'en' | 'zh-CN';
export type Messages = typeof en;

/** Every language the console speaks, by its own name. */
export const locales: readonly { readonly id: Locale; readonly name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'zh-CN', name: '简体中文' },
];

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en } as Record<Locale, Messages>,
  missingWarn: false,
  fallbackWarn: false,
});

const loaders: Readonly<Record<Exclude<Locale, 'en'>, () => Promise<{ default: Messages }>>> = {
  'zh-CN': () => import('./locales/zh-CN.ts'),
};

/** The language that a preference stands for; `auto` follows the computer. */
export function localeFor(preference: 'auto' | Locale): Locale {
  if (preference !== 'auto') return preference;
  return navigator.languages.some((language) => language.toLowerCase().startsWith('zh')) ? 'zh-CN' : 'en';
}

/** Switches the language, loading it first. */
export async function setLocale(locale: Locale): Promise<void> {
  if (locale !== 'en' && !i18n.global.availableLocales.includes(locale)) {
    i18n.global.setLocaleMessage(locale, (await loaders[locale]()).default);
  }
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
}
