// Judges a pod by a level at a version: every check that holds there, in upstream's order (baseline, then restricted,
// each by its id). Pure.
import { baselineChecks } from './baseline-checks.ts';
import type { Check, CheckVersion, Fault, PodLike } from './check.ts';
import type { Standard } from './levels.ts';
import { restrictedChecks } from './restricted-checks.ts';

const byId = (checks: readonly Check[]): Check[] => [...checks].sort((a, b) => (a.id < b.id ? -1 : 1));
const baseline = byId(baselineChecks);
const restricted = byId(restrictedChecks);

/** The version of a check that holds at a minor version, if the check existed. */
function versionAt({ versions }: Check, minor: number): CheckVersion | undefined {
  return versions.findLast(({ since }) => since <= minor);
}

/** Every fault of a pod under a standard; none means that it complies. */
export function evaluate({ level, minor }: Standard, pod: PodLike): Fault[] {
  if (level === 'privileged') return [];
  const strict = level === 'restricted' ? restricted.map((check) => versionAt(check, minor)) : [];
  const replaced = new Set(strict.flatMap((version) => version?.replaces ?? []));
  const lax = baseline.filter(({ id }) => !replaced.has(id)).map((check) => versionAt(check, minor));
  return [...lax, ...strict].flatMap((version) => version?.judge(pod) ?? []);
}

/** `privileged (container "a" must not set …), hostPort (…)`. */
export function describeFaults(faults: readonly Fault[]): string {
  return faults.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}

/** `privileged, hostPort`: for summaries of many pods. */
export function summarizeFaults(faults: readonly Fault[]): string {
  return faults.map(({ reason }) => reason).join(', ');
}
