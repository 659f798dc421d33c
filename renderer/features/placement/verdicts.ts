// What each machine says of one pod, as the map shows it: a category with its colour and a few words with the numbers.
// The colour never stands alone: the words are on the machine, and the legend counts them. Pure.
import type { PlacementReasons, Refusal } from '../../../api/console/index.ts';
import { quantityToMilli, tryParseQuantity } from '../../../api/meta/quantity.ts';

export const categories = [
  'fits',
  'room',
  'cordoned',
  'taint',
  'label',
  'spread',
  'neighbours',
  'port',
  'volume',
  'devices',
  'other',
] as const;
export type Category = (typeof categories)[number];

export interface Verdict {
  readonly category: Category;
  readonly text: string;
}

/** Says a key of the locale with values. */
export type Say = (key: string, values: Readonly<Record<string, string | number>>) => string;

const ofFilter: Readonly<Record<string, Category>> = {
  NodeResourcesFit: 'room',
  NodeUnschedulable: 'cordoned',
  TaintToleration: 'taint',
  NodeAffinity: 'label',
  NodeName: 'label',
  PodTopologySpread: 'spread',
  InterPodAffinity: 'neighbours',
  NodePorts: 'port',
  VolumeBinding: 'volume',
  VolumeZone: 'volume',
  VolumeRestrictions: 'volume',
  NodeVolumeLimits: 'volume',
  DynamicResources: 'devices',
};
const hues: Readonly<Record<Category, number>> = {
  fits: 155,
  room: 60,
  cordoned: 265,
  taint: 310,
  label: 230,
  spread: 195,
  neighbours: 350,
  port: 115,
  volume: 35,
  devices: 90,
  other: 20,
};

/** The category of a filter of the scheduler. */
export function categoryOf(filter: string): Category {
  return ofFilter[filter] ?? 'other';
}

/** The colour of a category; greyer for cordoned machines, as the map draws them elsewhere. */
export function colourOfCategory(category: Category, dark: boolean): string {
  const chroma = category === 'cordoned' ? 0.03 : 0.14;
  return `oklch(${dark ? 0.72 : 0.6} ${chroma} ${hues[category]})`;
}

/** CPU in cores, so that what is free and what is wanted can be compared at a glance. */
function inCores(values: Refusal['values']): Refusal['values'] {
  if (values['resource'] !== 'cpu') return values;
  const cores = (quantity: string | number = ''): string | number =>
    tryParseQuantity(quantity) === undefined ? quantity : quantityToMilli(quantity) / 1000;
  return { ...values, free: cores(values['free']), requested: cores(values['requested']) };
}

function wordsOf({ filter, values }: Refusal, say: Say): string {
  const category = categoryOf(filter);
  const has = (...names: string[]): boolean => names.every((name) => name in values);
  if (category === 'room' && has('resource', 'free', 'requested')) return say('verdicts.short.room', inCores(values));
  if (category === 'room' && has('pods', 'limit')) return say('verdicts.short.pods', values);
  if (category === 'taint' && has('taint')) return say('verdicts.short.taint', values);
  if (category === 'label' && has('label')) return say('verdicts.short.label', values);
  if (category === 'port' && has('port')) return say('verdicts.short.port', values);
  return say(`verdicts.categories.${category}`, {});
}

/** What every machine says, by name; a machine that refuses for several reasons shows its first. */
export function verdictsOf(
  reasons: PlacementReasons,
  say: Say,
  number: (value: number) => string,
): Map<string, Verdict> {
  return new Map(
    reasons.nodes.map(({ node, fits, score, refusals }): [string, Verdict] => {
      const [first] = refusals;
      if (fits || first === undefined) {
        const text = score === undefined ? say('why.fits', {}) : say('why.score', { score: number(score) });
        return [node, { category: 'fits', text }];
      }
      return [node, { category: categoryOf(first.filter), text: wordsOf(first, say) }];
    }),
  );
}

/** How many machines are of each category, most first. */
export function countVerdicts(verdicts: ReadonlyMap<string, Verdict>): { category: Category; count: number }[] {
  const counts = new Map<Category, number>();
  for (const { category } of verdicts.values()) counts.set(category, (counts.get(category) ?? 0) + 1);
  return [...counts]
    .map(([category, count]) => ({ category, count }))
    .sort(
      (left, right) =>
        right.count - left.count || categories.indexOf(left.category) - categories.indexOf(right.category),
    );
}
