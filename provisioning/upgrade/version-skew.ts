// Which versions may meet in one cluster while it changes: control plane and agents may differ by one minor version, so
// an upgrade or downgrade goes one minor version at a time. Pure.

/** A program version `MAJOR.MINOR.PATCH[-BUILD]`. */
export interface ProgramVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads the folder's name under /opt/pilothouse or a package version; undefined when it is none. */
export function parseVersion(text: string): ProgramVersion | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, major, minor, patch] = match.map(Number);
  return { major: major ?? 0, minor: minor ?? 0, patch: patch ?? 0 };
}

/** True when machines of both versions may be in one cluster. */
export function mayMeet(a: ProgramVersion, b: ProgramVersion): boolean {
  return a.major === b.major && Math.abs(a.minor - b.minor) <= 1;
}

/** The machines whose version may not meet `target`, with that version; those of unknown version are among them. */
export function tooFar(
  target: string,
  present: ReadonlyMap<string, string>,
): { readonly machine: string; readonly version: string }[] {
  const wanted = parseVersion(target);
  return [...present].flatMap(([machine, version]) => {
    const own = parseVersion(version);
    return wanted !== undefined && own !== undefined && mayMeet(wanted, own) ? [] : [{ machine, version }];
  });
}
