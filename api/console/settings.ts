// The person's choices, kept by the services so that both shells share them.

export interface Settings {
  readonly language: 'auto' | 'en' | 'zh-CN';
  readonly theme: 'auto' | 'light' | 'dark';
  readonly motion: 'auto' | 'reduced';
  /** Whether this computer's own notifications tell what needs a person, too. */
  readonly desktopNotifications?: boolean;
  /** The cluster shown last, to open there again. */
  readonly lastCluster?: string;
  /** Clusters whose guided first hour was put away. */
  readonly hiddenGuides?: readonly string[];
}

export const defaultSettings: Settings = { language: 'auto', theme: 'auto', motion: 'auto' };
