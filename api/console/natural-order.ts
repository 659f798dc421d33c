// The order in which people look for names: without case, digits by their value. Shared by both sides of the contract,
// so that a page sorted by the services reads like a table sorted in the window.

const digits = 12;

/** A text that sorts by plain comparison as people sort. */
export function sortKey(text: string): string {
  return text.toLowerCase().replace(/\d+/g, (number) => number.padStart(digits, '0'));
}
