// Where the person is: the cluster of the page's address, and the namespace they narrowed lists to (per cluster).
import { defineStore } from 'pinia';
import { computed, reactive } from 'vue';
import { useRoute } from 'vue-router';
import { useClustersStore } from './clusters.ts';

export const useScopeStore = defineStore('scope', () => {
  const route = useRoute();
  const clusters = useClustersStore();
  const chosen = reactive<Record<string, string | undefined>>({});
  const clusterId = computed(() => {
    const id = route.params['clusterId'];
    return typeof id === 'string' ? id : undefined;
  });
  const namespace = computed({
    get: () => {
      const id = clusterId.value;
      // Whoever may see one namespace only is in it.
      return id === undefined ? undefined : (chosen[id] ?? clusters.byId(id)?.limitedTo);
    },
    set: (value) => {
      if (clusterId.value !== undefined) chosen[clusterId.value] = value;
    },
  });
  return { clusterId, namespace };
});
