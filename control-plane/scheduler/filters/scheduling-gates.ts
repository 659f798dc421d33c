// A pod with scheduling gates goes nowhere until whoever set them takes them away. The loop does not even try such a pod;
// this filter says so where somebody asks why it waits.
import { refuseEverywhere } from './filter.ts';
import type { Filter } from './filter.ts';

const name = 'SchedulingGates';

export const schedulingGates: Filter = {
  name,
  prepare({ pod }) {
    const gates = (pod.spec.schedulingGates ?? []).map((gate) => gate.name);
    if (gates.length === 0) return undefined;
    const sentence = { key: 'gated', values: { gates: gates.join(', ') } } as const;
    return refuseEverywhere(name, `waiting for scheduling gates: [${gates.join(' ')}]`, sentence);
  },
};
