// What happens to every object between a client's request and its validation: the status belongs to the status
// subresource, the generation counts changes of what is wanted, and a status update changes nothing else.
import type { KubernetesObject } from '../meta/object-meta.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { sameJson } from '../schema/json-value.ts';
import type { Schema } from '../schema/schema.ts';

type Anything = KubernetesObject & Record<string, unknown>;

/** How a resource keeps its status and generation. */
export interface StrategyOptions {
  /** Whether the status has a subresource of its own. */
  readonly ownStatus: boolean;
  /** Whether a create may bring its status along, as nodes do. */
  readonly createsStatus: boolean;
  /** Whether metadata.generation counts changes of everything but metadata and status. */
  readonly generation: boolean;
}

/** Takes away what a client may not decide when it creates. */
export function prepareCreate(schema: Schema, object: KubernetesObject, options: StrategyOptions): void {
  const whole = object as Anything;
  if (options.ownStatus && !options.createsStatus) {
    const statusSchema = schema.fields?.get('status');
    if (statusSchema !== undefined) {
      whole['status'] = {};
      applyDefaults(statusSchema, whole['status']);
    }
  }
  if (options.generation) whole.metadata.generation = 1;
  else delete whole.metadata.generation;
}

/** Restores what a client may not change when it updates. */
export function prepareUpdate(next: KubernetesObject, previous: KubernetesObject, options: StrategyOptions): void {
  const [after, before] = [next as Anything, previous as Anything];
  if (options.ownStatus) copyField(after, before, 'status');
  copyGeneration(after, before);
  if (options.generation && !sameWish(after, before)) {
    after.metadata.generation = (before.metadata.generation ?? 0) + 1;
  }
}

/** Restores everything but the status and the metadata that any update may change. */
export function prepareStatusUpdate(next: KubernetesObject, previous: KubernetesObject): void {
  const [after, before] = [next as Anything, previous as Anything];
  for (const key of new Set([...Object.keys(after), ...Object.keys(before)])) {
    if (!own.has(key)) copyField(after, before, key);
  }
  copyGeneration(after, before);
}

const own = new Set(['apiVersion', 'kind', 'metadata', 'status']);

function copyField(after: Anything, before: Anything, key: string): void {
  if (before[key] === undefined) delete after[key];
  else after[key] = before[key];
}

function copyGeneration(after: Anything, before: Anything): void {
  if (before.metadata.generation === undefined) delete after.metadata.generation;
  else after.metadata.generation = before.metadata.generation;
}

/** Whether two objects want the same: everything but apiVersion, kind, metadata and status. */
function sameWish(after: Anything, before: Anything): boolean {
  const started =
    (after.metadata.deletionTimestamp === undefined) === (before.metadata.deletionTimestamp === undefined);
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return started && [...keys].every((key) => own.has(key) || sameJson(after[key], before[key]));
}
