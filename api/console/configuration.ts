// Entries of ConfigMaps and Secrets.

/** One entry. `text` is absent for what is secret (ask for it by name) and for what is no text. */
export interface DataEntry {
  readonly key: string;
  readonly sizeBytes: number;
  readonly binary: boolean;
  readonly text?: string;
}
