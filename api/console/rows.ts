// Lists travel as one snapshot and then coalesced changes; rows are projections keyed by `uid`.

/** A change to a list of rows. A `snapshot` replaces everything known before. */
export type RowsChange<Row extends { readonly uid: string }> =
  | { readonly kind: 'snapshot'; readonly rows: readonly Row[] }
  | { readonly kind: 'changes'; readonly upserted: readonly Row[]; readonly removed: readonly string[] };

/** The severity scale shared by states of all kinds: never colour alone, each has its own shape and word. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

/** A reference to any API object. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
