// The open tab of a page, kept in its address: a link can lead to a tab, and going back returns to it.
import { computed, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';

/** The tab that the address names; the first one when it names none of them. */
export function useRouteTab<const Id extends string>(ids: readonly [Id, ...Id[]]): WritableComputedRef<Id> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => ids.find((id) => id === route.query['tab']) ?? ids[0],
    set(id) {
      const query = { ...route.query, tab: id === ids[0] ? undefined : id };
      void router.replace({ query });
    },
  });
}
