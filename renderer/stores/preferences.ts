// The person's choices (language, theme, motion), applied to the page at once and kept by the services.
import { defineStore } from 'pinia';
import { ref } from 'vue';
import { defaultSettings, type Settings } from '../../api/console/index.ts';
import { useBridge } from '../bridge.ts';
import { localeFor, setLocale } from '../i18n.ts';

export const usePreferencesStore = defineStore('preferences', () => {
  const settings = ref<Settings>(defaultSettings);
  const darkQuery = matchMedia('(prefers-color-scheme: dark)');

  function applyTheme(): void {
    const { theme, motion } = settings.value;
    const dark = theme === 'dark' || (theme === 'auto' && darkQuery.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    document.documentElement.dataset['motion'] = motion === 'reduced' ? 'reduced' : 'auto';
  }

  async function apply(): Promise<void> {
    applyTheme();
    await setLocale(localeFor(settings.value.language));
  }

  /** Reads the choices; answers when the page looks right, also when the services do not answer in time. */
  async function load(): Promise<void> {
    darkQuery.addEventListener('change', applyTheme);
    applyTheme();
    const answer = await useBridge().invoke('settings.get', {});
    if (answer.ok) settings.value = answer.value;
    await apply();
  }

  async function change(part: Partial<Settings>): Promise<void> {
    settings.value = { ...settings.value, ...part };
    await apply();
    const answer = await useBridge().invoke('settings.set', part);
    if (answer.ok) settings.value = answer.value;
  }

  return { settings, load, change };
});
