// By what the cells of the map are coloured, and what each colour stands for. Pure.
import { podTone, type MapPod } from '../../../api/console/index.ts';
import { colourOfName, colourOfQos, type Palette } from './palette.ts';

export const colourings = ['state', 'namespace', 'workload', 'qos'] as const;
export type ColourBy = (typeof colourings)[number];

/** What shares a colour. */
export interface ColourGroup {
  readonly id: string;
  readonly count: number;
}

/** The name of what a pod shares its colour with, when that is not its state. */
export function groupOf(pod: MapPod, by: Exclude<ColourBy, 'state'>): string {
  if (by === 'namespace') return pod.namespace;
  if (by === 'qos') return pod.qosClass ?? '';
  return `${pod.namespace}/${pod.owner?.name ?? pod.name}`;
}

/** The colour of a group. */
export function colourOfGroup(name: string, by: Exclude<ColourBy, 'state'>, dark: boolean): string {
  return by === 'qos' ? colourOfQos(name, dark) : colourOfName(name, dark);
}

/** The colour of a pod's cell. */
export function colourOfPod(pod: MapPod, by: ColourBy, palette: Palette): string {
  return by === 'state' ? palette.tones[podTone[pod.state]] : colourOfGroup(groupOf(pod, by), by, palette.dark);
}

/** The groups with the most pods, and how many pods are in none of them. */
export function largestGroups(
  pods: readonly MapPod[],
  by: Exclude<ColourBy, 'state'>,
  most: number,
): { readonly groups: readonly ColourGroup[]; readonly others: number } {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const name = groupOf(pod, by);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const groups = [...counts]
    .map(([id, count]) => ({ id, count }))
    .sort((left, right) => right.count - left.count || left.id.localeCompare(right.id))
    .slice(0, most);
  return { groups, others: groups.reduce((rest, { count }) => rest - count, pods.length) };
}
