// Reads what `ls -lAn` prints, as GNU, busybox and toybox do it. Pure; lines of another shape are left out.
import type { FileEntry } from '../../../api/console/index.ts';

const line = /^([-dlbcps][-rwxsStT]{9})[.+@]?\s+\d+\s+\d+\s+\d+\s+(\d+)\s+\S+\s+\S+\s+\S+\s(.+)$/;
const kinds: Readonly<Record<string, FileEntry['kind']>> = { '-': 'file', d: 'folder', l: 'link' };

/** The entries, folders first, then by name. */
export function readListing(text: string): FileEntry[] {
  const entries = text.split('\n').flatMap((one): FileEntry[] => {
    const found = line.exec(one.trimEnd());
    if (found === null) return [];
    const [, mode = '', size = '0', rest = ''] = found;
    const kind = kinds[mode[0] ?? ''] ?? 'other';
    const name = kind === 'link' ? (rest.split(' -> ')[0] ?? rest) : rest;
    return [{ name, kind, sizeBytes: Number(size), mode }];
  });
  const rank = ({ kind }: FileEntry): number => (kind === 'folder' ? 0 : 1);
  return entries.sort((left, right) => rank(left) - rank(right) || (left.name < right.name ? -1 : 1));
}
