// The order in which people look for names: without case, digits by their value. Shared by both sides of the contract,
// so that a page sorted by the services reads like a table sorted in the window.

const digits = 12;
const zeros = '0'.repeat(digits);

/** A text that sorts by plain comparison as people sort. */
export function sortKey(text: string): string {
  const lower = text.toLowerCase();
  // By hand: lists of tens of thousands of names are sorted while somebody waits, and a pattern takes ten times as long.
  let key = '';
  let taken = 0;
  for (let at = 0; at < lower.length; at++) {
    if (!isDigit(lower.charCodeAt(at))) continue;
    const start = at;
    while (isDigit(lower.charCodeAt(at + 1))) at++;
    key += lower.slice(taken, start) + zeros.slice(Math.min(digits, at + 1 - start));
    taken = start;
  }
  return taken === 0 && key === '' ? lower : key + lower.slice(taken);
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
