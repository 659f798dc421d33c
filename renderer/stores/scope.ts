// Where the person is: the cluster of the page's address, and the namespace they narrowed lists to (per cluster).
import { defineStore } from 'pinia';
import { computed, reactive } from 'vue';
import { useRoute } from 'vue-router';

export const useScopeStore = defineStore('scope', () => {
  const route = useRoute();
  const chosen = reactive<Record<string, string | undefined>>({});
  const clusterId = computed(() => {
    const id = route.params['clusterId'];
    return typeof id === 'string' ? id : undefined;
  });
  const namespace = computed({
    get: () => (clusterId.value === undefined ? undefined : chosen[clusterId.value]),
    set: (value) => {
      if (clusterId.value !== undefined) chosen[clusterId.value] = value;
    },
  });
  return { clusterId, namespace };
});
