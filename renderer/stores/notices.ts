// Short messages at the corner of the window: what was done, or why it was not and what to do next.
import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { ConsoleError } from '../../api/console/index.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
  readonly error?: ConsoleError;
}

const goodForMs = 4000;
const badForMs = 12_000;

export const useNoticesStore = defineStore('notices', () => {
  const notices = ref<Notice[]>([]);
  let nextId = 1;

  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id);
  }

  function show(notice: Omit<Notice, 'id'>): void {
    const id = nextId++;
    notices.value = [...notices.value.slice(-3), { ...notice, id }];
    setTimeout(() => dismiss(id), notice.tone === 'good' ? goodForMs : badForMs);
  }

  function done(text: string): void {
    show({ tone: 'good', text });
  }

  function failed(text: string, error: ConsoleError): void {
    show({ tone: 'bad', text, error });
  }

  return { notices, done, failed, dismiss };
});
