// What needs a person, over all clusters; shared by the navigation, the page and the computer's own notifications.
import { defineStore } from 'pinia';
import { computed } from 'vue';
import { unreadNow } from '../../api/console/index.ts';
import { useBridge } from '../bridge.ts';
import { useLive } from './live.ts';

export const useNotificationsStore = defineStore('notifications', () => {
  const { data: told, error } = useLive('notifications', () => ({}));
  const unread = computed(() => unreadNow(told.value ?? []));

  /** Marks some read, or all. The stream brings what came of it, to every window. */
  function read(ids?: readonly string[]): void {
    void useBridge().invoke('notifications.read', ids === undefined ? {} : { ids });
  }

  return { told, error, unread, read };
});
