// Steps by machine, in the order of the plan; what is done on this computer comes first. Pure.

export interface Lane<Step> {
  /** Absent for this computer. */
  readonly machine: string | undefined;
  readonly steps: readonly Step[];
}

/** One lane per machine. */
export function lanesOf<Step extends { readonly machine?: string }>(steps: readonly Step[]): Lane<Step>[] {
  const lanes = new Map<string | undefined, Step[]>();
  for (const step of steps) {
    const lane = lanes.get(step.machine) ?? [];
    lane.push(step);
    lanes.set(step.machine, lane);
  }
  return [...lanes]
    .map(([machine, own]) => ({ machine, steps: own }))
    .sort((left, right) => Number(left.machine !== undefined) - Number(right.machine !== undefined));
}
