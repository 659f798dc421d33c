// Labels and taints of a machine as a form holds them. Pure.

export interface LabelLine {
  key: string;
  value: string;
}

export interface TaintLine {
  key: string;
  value: string;
  effect: string;
}

/** Labels that the agent and the controllers write themselves: shown, not changed here. */
export function isSystemLabel(key: string): boolean {
  return /^(beta\.)?kubernetes\.io\/(hostname|os|arch)$/.test(key) || key === 'node-role.kubernetes.io/control-plane';
}

/** The lines of a form, a person's own labels first. */
export function labelLines(labels: Readonly<Record<string, string>>): LabelLine[] {
  return Object.entries(labels)
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => Number(isSystemLabel(a.key)) - Number(isSystemLabel(b.key)) || a.key.localeCompare(b.key));
}

/** What changes: new and changed labels with their values, those that are gone as null. */
export function changedLabels(
  before: Readonly<Record<string, string>>,
  lines: readonly LabelLine[],
): Record<string, string | null> {
  const after = new Map(
    lines.filter(({ key }) => key.trim() !== '').map(({ key, value }) => [key.trim(), value.trim()]),
  );
  const gone = Object.keys(before).filter((key) => !after.has(key));
  return Object.fromEntries<string | null>([
    ...gone.map((key): [string, null] => [key, null]),
    ...[...after].filter(([key, value]) => before[key] !== value),
  ]);
}
