// The person's choices, kept by the services so that both shells share them.

export interface Settings {
  readonly language: 'auto' | 'en' | 'zh-CN';
  readonly theme: 'auto' | 'light' | 'dark';
  readonly motion: 'auto' | 'reduced';
  /** The cluster shown last, to open there again. */
  readonly lastCluster?: string;
}

export const defaultSettings: Settings = { language: 'auto', theme: 'auto', motion: 'auto' };
