// Whether the services answer. A short break is not worth a word: only one that lasts is told.
import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { useBridge } from '../bridge.ts';

const patienceMs = 800;

export const useConnectionStore = defineStore('connection', () => {
  const bridge = useBridge();
  const connected = ref(true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    bridge.connected,
    (up) => {
      clearTimeout(timer);
      if (up) connected.value = true;
      else timer = setTimeout(() => (connected.value = false), patienceMs);
    },
    { immediate: true },
  );
  return { connected };
});
