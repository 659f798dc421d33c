// The clusters the console knows, live; shared by the navigation and the clusters page.
import { defineStore } from 'pinia';
import { useLive } from './live.ts';

export const useClustersStore = defineStore('clusters', () => {
  const { data: clusters, error } = useLive('clusters', () => ({}));
  const byId = (id: string | undefined) => clusters.value?.find((cluster) => cluster.id === id);
  return { clusters, error, byId };
});
