// Scheduler profiles from a file: the part of upstream's KubeSchedulerConfiguration that this scheduler has a use for.
// What it does not know is refused with a sentence that names it: a file is obeyed as a whole or not at all.
import { parse } from 'yaml';
import { z } from 'zod';
import { filtersByPlugin, permanentFilters } from './filters/index.ts';
import { binPackProfile, defaultProfile } from './profile.ts';
import type { Profile, SchedulerConfiguration } from './profile.ts';
import { scoreBy } from './scores/configured-resources.ts';
import { scoresByPlugin } from './scores/index.ts';
import type { ScoringStrategy } from './scores/configured-resources.ts';

/** A mistake in a configuration file; the message says where and what to do. */
export class ConfigurationError extends Error {}

const percentage = z.number().int().min(0).max(100);
const plugin = z.strictObject({ name: z.string(), weight: z.number().int().min(0).max(100).optional() });
const pluginSet = z.strictObject({ enabled: z.array(plugin).optional(), disabled: z.array(plugin).optional() });
const strategySchema = z.strictObject({
  type: z.enum(['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio']),
  resources: z
    .array(z.strictObject({ name: z.string(), weight: z.number().int().min(1).max(100).default(1) }))
    .optional(),
  requestedToCapacityRatio: z
    .strictObject({
      shape: z.array(z.strictObject({ utilization: percentage, score: z.number().int().min(0).max(10) })).min(1),
    })
    .optional(),
});
const fitArgs = z.strictObject({
  apiVersion: z.string().optional(),
  kind: z.literal('NodeResourcesFitArgs').optional(),
  scoringStrategy: strategySchema.optional(),
});
const profileSchema = z.strictObject({
  schedulerName: z.string().min(1).default('default-scheduler'),
  percentageOfNodesToScore: percentage.optional(),
  plugins: z
    .strictObject({ multiPoint: pluginSet.optional(), filter: pluginSet.optional(), score: pluginSet.optional() })
    .optional(),
  pluginConfig: z.array(z.strictObject({ name: z.literal('NodeResourcesFit'), args: fitArgs })).optional(),
});
const fileSchema = z.strictObject({
  apiVersion: z.literal('kubescheduler.config.k8s.io/v1'),
  kind: z.literal('KubeSchedulerConfiguration'),
  percentageOfNodesToScore: percentage.optional(),
  podInitialBackoffSeconds: z.number().int().min(1).default(1),
  podMaxBackoffSeconds: z.number().int().min(1).default(10),
  profiles: z.array(profileSchema).default([]),
});

type ProfileFile = z.infer<typeof profileSchema>;
type PluginSet = z.infer<typeof pluginSet>;

/** Reads YAML or JSON. Throws a ConfigurationError that names the first mistake. */
export function parseSchedulerConfiguration(text: string): SchedulerConfiguration {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new ConfigurationError(`it is not YAML: ${(cause as Error).message}`, { cause });
  }
  const read = fileSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = issue?.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    throw new ConfigurationError(`${(path ?? '').replace(/^\./, '') || 'the file'}: ${issue?.message ?? 'is wrong'}`);
  }
  const { podInitialBackoffSeconds, podMaxBackoffSeconds, percentageOfNodesToScore } = read.data;
  if (podMaxBackoffSeconds < podInitialBackoffSeconds)
    throw new ConfigurationError('podMaxBackoffSeconds: must not be less than podInitialBackoffSeconds');
  const profiles = read.data.profiles.map((profile, i) =>
    profileOf(profile, `profiles[${i}]`, percentageOfNodesToScore),
  );
  const names = profiles.map(({ schedulerName }) => schedulerName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigurationError(`profiles: two profiles are named ${twice}; rename one`);
  if (profiles.length === 0) profiles.push({ ...defaultProfile, percentageOfNodesToScore });
  // Dense packing is offered by the console in every cluster.
  if (!names.includes(binPackProfile.schedulerName)) profiles.push({ ...binPackProfile, percentageOfNodesToScore });
  return {
    profiles,
    firstBackoffMs: podInitialBackoffSeconds * 1000,
    longestBackoffMs: podMaxBackoffSeconds * 1000,
  };
}

function profileOf(file: ProfileFile, path: string, percentageOfAll: number | undefined): Profile {
  const { plugins = {}, pluginConfig = [] } = file;
  for (const [point, set] of Object.entries(plugins)) checkNames(set, `${path}.plugins.${point}`);
  const filters = chosen(Object.keys(filtersByPlugin), [plugins.multiPoint, plugins.filter]);
  const scores = chosen(Object.keys(scoresByPlugin), [plugins.multiPoint, plugins.score]);
  const strategy = pluginConfig.at(-1)?.args.scoringStrategy;
  return {
    schedulerName: file.schedulerName,
    filters: [...permanentFilters, ...filters.flatMap((name) => filtersByPlugin[name] ?? [])],
    scores: scores.flatMap((name) => {
      const known = scoresByPlugin[name];
      if (!known) return [];
      const weight = weightOf(name, [plugins.score, plugins.multiPoint]) || known.weight;
      const score = name === 'NodeResourcesFit' && strategy ? scoreBy(strategyOf(strategy, path)) : known.score;
      return [{ score, weight }];
    }),
    percentageOfNodesToScore: file.percentageOfNodesToScore ?? percentageOfAll,
  };
}

function checkNames(set: PluginSet | undefined, path: string): void {
  for (const { name } of [...(set?.enabled ?? []), ...(set?.disabled ?? [])]) {
    if (name === '*' || name in filtersByPlugin || name in scoresByPlugin || permanent.has(name)) continue;
    throw new ConfigurationError(`${path}: there is no plugin ${name}; remove it`);
  }
}

/** Part of every decision: naming them changes nothing. */
const permanent: ReadonlySet<string> = new Set([
  'SchedulingGates',
  'PrioritySort',
  'DefaultPreemption',
  'DefaultBinder',
  'VolumeRestrictions',
]);

/** The default plugins without those that are disabled, and those that are enabled besides, in their order. */
function chosen(defaults: readonly string[], sets: readonly (PluginSet | undefined)[]): string[] {
  const disabled = new Set(sets.flatMap((set) => (set?.disabled ?? []).map(({ name }) => name)));
  const kept = disabled.has('*') ? [] : defaults.filter((name) => !disabled.has(name));
  const enabled = sets.flatMap((set) => (set?.enabled ?? []).map(({ name }) => name));
  return [...new Set([...kept, ...enabled])];
}

function weightOf(name: string, sets: readonly (PluginSet | undefined)[]): number | undefined {
  for (const set of sets) {
    const weight = set?.enabled?.find((one) => one.name === name)?.weight;
    if (weight !== undefined && weight > 0) return weight;
  }
  return undefined;
}

const evenly = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

function strategyOf(file: z.infer<typeof strategySchema>, path: string): ScoringStrategy {
  const shape = file.requestedToCapacityRatio?.shape;
  const isCurve = file.type === 'RequestedToCapacityRatio';
  const where = `${path}.pluginConfig: NodeResourcesFit`;
  if (isCurve && !shape) throw new ConfigurationError(`${where}: RequestedToCapacityRatio needs a shape`);
  if (shape?.some(({ utilization }, i) => i > 0 && utilization <= (shape[i - 1]?.utilization ?? 0)))
    throw new ConfigurationError(`${where}: the shape's utilization must grow from point to point`);
  return { type: file.type, resources: file.resources ?? evenly, shape };
}
