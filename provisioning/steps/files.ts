// Files that steps own on a machine: written only when different, noted beforehand as they were found, put back on revert.
import type { ExecOptions, Transport } from '../transport/contract.ts';
import { quote } from '../transport/shell.ts';

/** A file as it should be on the machine. */
export interface OwnedFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** A path as it was found: absent, or its mode, owner and content (base64). */
export interface FoundFile {
  readonly path: string;
  readonly found?: { readonly mode: string; readonly owner: string; readonly content: string };
}

/** True when every file has exactly its content and mode. */
export async function filesMatch(transport: Transport, files: readonly OwnedFile[]): Promise<boolean> {
  const found = await findFiles(
    transport,
    files.map((file) => file.path),
  );
  return files.every((file, index) => {
    const actual = found[index]?.found;
    return (
      actual !== undefined &&
      actual.mode === file.mode.toString(8) &&
      Buffer.from(actual.content, 'base64').toString('utf8') === file.content
    );
  });
}

/** What is at `paths` now, in their order. */
export async function findFiles(transport: Transport, paths: readonly string[]): Promise<FoundFile[]> {
  const output = await transport.run(
    paths
      .map(
        (path) =>
          `if [ -f ${quote(path)} ]; then stat --printf '%a %u:%g ' ${quote(path)}; base64 -w0 ${quote(path)}; fi; echo`,
      )
      .join('\n'),
    { isSecret: true },
  );
  const lines = output.split('\n');
  return paths.map((path, index) => {
    const [mode, owner, content = ''] = (lines[index] ?? '').split(' ');
    return mode === undefined || mode === '' || owner === undefined
      ? { path }
      : { path, found: { mode, owner, content } };
  });
}

/** Writes the files and then runs the shell script `after`: one command, which the first failure ends. */
export async function writeFiles(
  transport: Transport,
  files: readonly OwnedFile[],
  { after = '', ...options }: Omit<ExecOptions, 'stdin'> & { readonly after?: string } = {},
): Promise<void> {
  const script = files.map(({ path, mode }) => {
    const target = quote(path);
    return `mkdir -p "$(dirname ${target})" && IFS= read -r line && printf %s "$line" | base64 -d > ${target}.unfinished && chmod ${mode.toString(8)} ${target}.unfinished && mv -f ${target}.unfinished ${target}`;
  });
  const stdin = files.map((file) => `${Buffer.from(file.content).toString('base64')}\n`).join('');
  await transport.run(`set -e; umask 022\n${script.join('\n')}\n${after}`, { ...options, stdin });
}

/** Puts the paths back as they were found, and removes folders that only we made (when empty). */
export async function restoreFiles(transport: Transport, found: readonly FoundFile[]): Promise<void> {
  const script = found.map(({ path, found: before }) => {
    const target = quote(path);
    if (before === undefined) return `rm -f ${target} ${target}.unfinished`;
    return `IFS= read -r line; printf %s "$line" | base64 -d > ${target}.unfinished && chmod ${before.mode} ${target}.unfinished && chown ${before.owner} ${target}.unfinished && mv -f ${target}.unfinished ${target}`;
  });
  const stdin = found.flatMap(({ found: before }) => (before === undefined ? [] : [`${before.content}\n`])).join('');
  await transport.run(script.join('\n') || 'true', { stdin });
}

/** Which of `folders` are absent now: the ones to remove again on revert. */
export async function absentFolders(transport: Transport, folders: readonly string[]): Promise<string[]> {
  const output = await transport.run(
    folders.map((folder) => `[ -e ${quote(folder)} ] || echo ${quote(folder)}`).join('\n') + '\ntrue',
  );
  return output.split('\n').filter(Boolean);
}

/** Removes folders with all that is in them. Only for folders that `absentFolders` named. */
export async function removeFolders(transport: Transport, folders: readonly string[]): Promise<void> {
  if (folders.length > 0) await transport.run(`rm -rf --one-file-system ${folders.map(quote).join(' ')}`);
}
