// The desktop's own notifications under Electron: what newly needs a person, while no window is looked at and the person
// wants it. One for each thing, however many windows there are.
import { newlyTold, type NotificationView, type Settings } from '../../api/console/index.ts';
import type { Services, Unsubscribe } from '../services/contract.ts';

export interface DesktopNotice {
  readonly title: string;
  readonly body: string;
  /** What a click on it does. */
  onClick(): void;
}

export interface DesktopNoticesOptions {
  readonly services: Pick<Services, 'invoke' | 'subscribe'>;
  /** Whether a window has the person's attention. */
  isLookedAt(): boolean;
  /** The language of the desktop, for a person who follows it. */
  readonly desktopLanguage: string;
  show(notice: DesktopNotice): void;
  /** Brings a page of the console to the front. */
  open(path: string): void;
}

/** The language that a person reads. */
export function languageOf(settings: Settings | undefined, desktopLanguage: string): 'en' | 'zh-CN' {
  const chosen = settings?.language ?? 'auto';
  if (chosen !== 'auto') return chosen;
  return desktopLanguage.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

/** Tells until stopped. */
export function runDesktopNotices(options: DesktopNoticesOptions): Unsubscribe {
  const { services, isLookedAt, desktopLanguage, show, open } = options;
  let settings: Settings | undefined;
  let before: readonly NotificationView[] | undefined;

  const tell = ({ id, cluster, message, path }: NotificationView): void => {
    const language = languageOf(settings, desktopLanguage);
    show({
      title: language === 'zh-CN' ? `${cluster} 需要您处理` : `${cluster} needs you`,
      body: message[language],
      onClick() {
        void services.invoke('notifications.read', { ids: [id] });
        open(path);
      },
    });
  };
  const stops = [
    services.subscribe('settings', {}, (event) => {
      if (event.type === 'data') settings = event.data;
    }),
    services.subscribe('notifications', {}, (event) => {
      if (event.type !== 'data') return;
      const fresh = newlyTold(before, event.data);
      before = event.data;
      if (settings?.desktopNotifications && !isLookedAt()) fresh.forEach(tell);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
