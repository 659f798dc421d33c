// How many pods there are of each tone. Pure.
import { podTone, type PodState, type Tone } from '../../../api/console/index.ts';

export type ToneCounts = Readonly<Record<Tone, number>>;

/** The count of every tone; a tone that nothing has is 0. */
export function countTones(pods: Iterable<{ readonly state: PodState }>): ToneCounts {
  const counts: Record<Tone, number> = { good: 0, busy: 0, warn: 0, bad: 0, idle: 0 };
  for (const { state } of pods) counts[podTone[state]]++;
  return counts;
}
