// The computer's own notifications, for a console in a browser: what newly needs a person, while nobody looks at the page.
// Under Electron its main process tells them, as the page there has no permission to. Two windows tell one thing once: the
// browser knows it by its tag.
import { watch } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { newlyTold } from '../../api/console/index.ts';
import { useNotificationsStore } from '../stores/notifications.ts';
import { usePreferencesStore } from '../stores/preferences.ts';

/** Whether this computer can be asked at all from this page, or is asked by the shell around it. */
export function canTell(): boolean {
  return window.pilothouse !== undefined || 'Notification' in window;
}

/** Asks for the permission, where the page needs one; false when it is refused. */
export async function mayTell(): Promise<boolean> {
  if (window.pilothouse) return true;
  return 'Notification' in window && (await Notification.requestPermission()) === 'granted';
}

/** Tells for as long as the window is open. */
export function useDesktopNotices(): void {
  const { t, locale } = useI18n();
  const router = useRouter();
  const store = useNotificationsStore();
  const preferences = usePreferencesStore();

  watch(
    () => store.told,
    (now, before) => {
      if (window.pilothouse || !preferences.settings.desktopNotifications || !document.hidden) return;
      if (!('Notification' in window) || Notification.permission !== 'granted') return;
      for (const one of newlyTold(before, now ?? [])) {
        const body = one.message[locale.value === 'zh-CN' ? 'zh-CN' : 'en'];
        const shown = new Notification(t('notifications.aloud', { name: one.cluster }), { body, tag: one.id });
        shown.onclick = () => {
          window.focus();
          store.read([one.id]);
          void router.push(one.path);
          shown.close();
        };
      }
    },
  );
}
