// The person's settings, in `settings.json` of the console's home.
import { join } from 'node:path';
import { z } from 'zod';
import { defaultSettings, type Settings } from '../../../api/console/index.ts';
import type { Unsubscribe } from '../contract.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const fields = {
  language: z.enum(['auto', 'en', 'zh-CN']),
  theme: z.enum(['auto', 'light', 'dark']),
  motion: z.enum(['auto', 'reduced']),
  desktopNotifications: z.boolean(),
  lastCluster: z.string().max(100),
  hiddenGuides: z.array(z.string().max(100)).max(100),
};

/** A change of some settings; what is not named stays. */
export const settingsChange = z.strictObject(fields).partial();

const settingsSchema = z.object({
  language: fields.language.catch(defaultSettings.language),
  theme: fields.theme.catch(defaultSettings.theme),
  motion: fields.motion.catch(defaultSettings.motion),
  desktopNotifications: fields.desktopNotifications.optional().catch(undefined),
  lastCluster: fields.lastCluster.optional().catch(undefined),
  hiddenGuides: fields.hiddenGuides.optional().catch(undefined),
});

export interface SettingsStore {
  get(): Promise<Settings>;
  set(part: Partial<Settings>): Promise<Settings>;
  onDidChange(listener: (settings: Settings) => void): Unsubscribe;
}

/** The settings under `home`; what cannot be read is as by default. */
export function createSettingsStore(home: string): SettingsStore {
  const path = join(home, 'settings.json');
  const get = (): Promise<Settings> => readJsonFile(path, settingsSchema, defaultSettings);
  const listeners = new Set<(settings: Settings) => void>();
  let writing: Promise<unknown> = Promise.resolve();
  return {
    get,
    set(part) {
      const next = writing.then(async () => {
        const settings = { ...(await get()), ...part };
        await writeJsonFile(path, settings);
        for (const listener of [...listeners]) listener(settings);
        return settings;
      });
      writing = next.catch(() => undefined);
      return next;
    },
    onDidChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
