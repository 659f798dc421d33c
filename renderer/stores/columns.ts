// Which columns of a kind's table the person wants to see; kept in the browser, as it concerns only this window's looks.
import { defineStore } from 'pinia';
import { reactive } from 'vue';

const place = 'pilothouse.columns';

function read(): Record<string, boolean> {
  try {
    return JSON.parse(localStorage.getItem(place) ?? '{}') as Record<string, boolean>;
  } catch {
    return {}; // storage is off or was written by somebody else
  }
}

export const useColumnsStore = defineStore('columns', () => {
  const chosen = reactive<Record<string, boolean>>(read());
  const isShown = (kind: string, column: string, usually: boolean): boolean => chosen[`${kind} ${column}`] ?? usually;
  function toggle(kind: string, column: string, usually: boolean): void {
    chosen[`${kind} ${column}`] = !isShown(kind, column, usually);
    localStorage.setItem(place, JSON.stringify(chosen));
  }
  return { isShown, toggle };
});
