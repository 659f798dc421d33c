// The person's choices (language, theme, motion), applied to the page at once and kept by the services,
// and the same in every window.
import { defineStore } from 'pinia';
import { ref } from 'vue';
import { defaultSettings, type Settings } from '../../api/console/index.ts';
import { useBridge } from '../bridge.ts';
import { localeFor, setLocale } from '../i18n.ts';

export const usePreferencesStore = defineStore('preferences', () => {
  const settings = ref<Settings>(defaultSettings);
  /** Whether the page is dark now, by choice or like the computer. */
  const isDark = ref(false);
  const darkQuery = matchMedia('(prefers-color-scheme: dark)');

  function applyTheme(): void {
    const { theme, motion } = settings.value;
    const dark = theme === 'dark' || (theme === 'auto' && darkQuery.matches);
    isDark.value = dark;
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    document.documentElement.dataset['motion'] = motion === 'reduced' ? 'reduced' : 'auto';
  }

  async function apply(): Promise<void> {
    applyTheme();
    await setLocale(localeFor(settings.value.language));
  }

  /** What any window chose holds in all of them; only the cluster shown last is each window's own. */
  async function take(next: Settings): Promise<void> {
    settings.value = { ...next, lastCluster: settings.value.lastCluster };
    await apply();
  }

  /** Reads the choices; answers when the page looks right, also when the services do not answer in time. */
  async function load(): Promise<void> {
    darkQuery.addEventListener('change', applyTheme);
    applyTheme();
    const answer = await useBridge().invoke('settings.get', {});
    if (answer.ok) settings.value = answer.value;
    await apply();
    useBridge().subscribe('settings', {}, (event) => {
      if (event.type === 'data') void take(event.data);
    });
  }

  async function change(part: Partial<Settings>): Promise<void> {
    settings.value = { ...settings.value, ...part };
    await apply();
    const answer = await useBridge().invoke('settings.set', part);
    if (answer.ok) await take(answer.value);
  }

  return { settings, isDark, load, change };
});
