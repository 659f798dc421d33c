// What of a command's payload may be written down: names alone. Pure.
import type { TraceFacts } from '../../../machinery/trace.ts';

/** Fields of a payload that name something; everything else may be secret or long. */
const naming = ['namespace', 'kind', 'name', 'machine', 'replicas', 'revision', 'holdSeconds', 'id', 'runId'];

/** The cluster that a command is about; undefined for those that are about the console itself. */
export function clusterOfPayload(payload: object): string | undefined {
  const { clusterId, cluster, draft } = payload as {
    clusterId?: unknown;
    cluster?: unknown;
    draft?: { name?: unknown };
  };
  return [clusterId, cluster, draft?.name].find((one) => typeof one === 'string');
}

/** The names in a payload, also in what it nests (`object`, `target`). */
export function factsOf(payload: object): TraceFacts {
  const facts: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(payload)) {
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (isPlain && naming.includes(key)) facts[key] = value;
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, fact] of Object.entries(factsOf(value as object))) facts[inner] ??= fact;
  }
  return facts;
}

/** What an action was about, in the order in which people say it. */
export function aboutOf(facts: TraceFacts): string {
  const { kind, namespace, name, machine } = facts;
  const path = [namespace, name ?? machine].filter((part) => part !== undefined).join('/');
  return [kind, path].filter((part) => part !== undefined && part !== '').join(' ');
}
