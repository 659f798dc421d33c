import { expect, it } from 'vitest';
import type { NotificationView, Settings, StreamEvent } from '../../api/console/index.ts';
import type { Services } from '../services/contract.ts';
import { runDesktopNotices, type DesktopNotice } from './desktop-notices.ts';

const lost = (id: string, more: Partial<NotificationView> = {}): NotificationView => ({
  id,
  kind: 'machine-lost',
  tone: 'bad',
  cluster: 'Bay',
  message: { en: `${id} is lost`, 'zh-CN': `${id} 已丢失` },
  path: `/clusters/bay/nodes/${id}`,
  since: 1,
  isRead: false,
  ...more,
});

it('tells what newly needs a person, once, in their language, and only while nobody looks', () => {
  const followers = new Map<string, (event: StreamEvent<never>) => void>();
  const say = (stream: string, data: unknown): void => followers.get(stream)?.({ type: 'data', data: data as never });
  const wants: Settings = { language: 'zh-CN', theme: 'auto', motion: 'auto', desktopNotifications: true };
  const [shown, opened, read]: [DesktopNotice[], string[], unknown[]] = [[], [], []];
  let isLookedAt = false;
  const services = {
    invoke: (_command: string, payload: unknown) => Promise.resolve(read.push(payload)),
    subscribe: (stream: string, _payload: unknown, onEvent: (event: StreamEvent<never>) => void) => {
      followers.set(stream, onEvent);
      return () => followers.delete(stream);
    },
  } as unknown as Services;
  const stop = runDesktopNotices({
    services,
    isLookedAt: () => isLookedAt,
    desktopLanguage: 'en-GB',
    show: (notice) => shown.push(notice),
    open: (path) => opened.push(path),
  });

  say('settings', wants);
  say('notifications', [lost('m1')]);
  expect(shown).toEqual([]); // it was told before this console began
  say('notifications', [lost('m2'), lost('m3', { isRead: true }), lost('m1')]);
  expect(shown.map(({ title, body }) => [title, body])).toEqual([['Bay 需要您处理', 'm2 已丢失']]);
  shown[0]?.onClick();
  expect([opened, read]).toEqual([['/clusters/bay/nodes/m2'], [{ ids: ['m2'] }]]);

  isLookedAt = true;
  say('notifications', [lost('m4'), lost('m2')]);
  isLookedAt = false;
  say('settings', { ...wants, desktopNotifications: false });
  say('notifications', [lost('m5'), lost('m4'), lost('m2')]);
  say('settings', { ...wants, language: 'auto' });
  say('notifications', [lost('m2', { since: 9 })]);
  expect(shown.map(({ body }) => body)).toEqual(['m2 已丢失', 'm2 is lost']);
  stop();
  expect(followers.size).toBe(0);
});
