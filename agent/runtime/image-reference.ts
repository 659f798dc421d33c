// Names of images. Pure.

/** The Engine takes a name without tag or digest for "all tags". */
export function withTag(reference: string): string {
  if (reference.includes('@') || /^sha256:[0-9a-f]{64}$/.test(reference)) return reference;
  return reference.slice(reference.lastIndexOf('/') + 1).includes(':') ? reference : `${reference}:latest`;
}
