import { describe, expect, it } from 'vitest';
import { readListing } from './listing.ts';

describe('a folder listing', () => {
  it('is read as GNU and busybox print it, folders first, names with spaces kept', () => {
    const text = [
      'total 12',
      '-rw-r--r--    1 0        0               14 Nov 23 18:00 my notes.txt',
      'drwxr-xr-x 2 0 0 4096 Nov 23 2025 conf.d',
      'lrwxrwxrwx 1 0 0 7 Nov 23 18:00 bin -> usr/bin',
      'brw-rw----    1 0        6           8,   0 Nov 23 18:00 sda',
    ].join('\n');
    expect(readListing(text)).toEqual([
      { name: 'conf.d', kind: 'folder', sizeBytes: 4096, mode: 'drwxr-xr-x' },
      { name: 'bin', kind: 'link', sizeBytes: 7, mode: 'lrwxrwxrwx' },
      { name: 'my notes.txt', kind: 'file', sizeBytes: 14, mode: '-rw-r--r--' },
    ]);
  });

  it('of something else is empty', () => {
    expect(readListing('ls: /x: No such file or directory\n')).toEqual([]);
  });
});
