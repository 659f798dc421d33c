// Narrowing rows by words: every word must occur somewhere in the row's text.
import { computed, ref, type ComputedRef, type Ref } from 'vue';

export interface Search<Row> {
  readonly text: Ref<string>;
  readonly found: ComputedRef<readonly Row[] | undefined>;
}

/** A search over rows; `textOf` says what a row can be found by. */
export function useSearch<Row>(
  rows: Readonly<Ref<readonly Row[] | undefined>>,
  textOf: (row: Row) => string,
): Search<Row> {
  const text = ref('');
  const words = computed(() => text.value.toLowerCase().split(/\s+/).filter(Boolean));
  const found = computed(() => {
    if (words.value.length === 0) return rows.value;
    return rows.value?.filter((row) => {
      const haystack = textOf(row).toLowerCase();
      return words.value.every((word) => haystack.includes(word));
    });
  });
  return { text, found };
}
