// Reads the file that a flag names; what is wrong with it stops the start, in a sentence that names flag and file.
import { readFile } from 'node:fs/promises';

/** What `read` makes of the file's text; undefined without a path. */
export async function readConfigured<T>(
  flag: string,
  path: string | undefined,
  read: (text: string) => T,
): Promise<T | undefined> {
  if (path === undefined) return undefined;
  try {
    return read(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new Error(`--${flag} ${path}: ${(cause as Error).message}`, { cause });
  }
}
