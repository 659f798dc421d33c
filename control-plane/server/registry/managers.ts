// Field ownership of writes that are not applies: kept up for custom objects and for those that somebody applies, left
// out for all others, so that plain clients of built-in kinds do not pay for it in every object.
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { trackUpdate, type Writer } from '../../../api/schema/apply/index.ts';
import { customRulesOf } from '../crd/custom-definition.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { apiVersionOf } from '../served/served-resources.ts';
import type { WriteOptions } from './write-options.ts';

/** Who writes: the field manager that the client names, else the program's name in its user agent. */
export function managerOf(exchange: Exchange, { fieldManager }: WriteOptions): string {
  if (fieldManager !== '') return fieldManager;
  const agent = exchange.headers['user-agent'] ?? '';
  return agent.split('/')[0]?.slice(0, 128) || 'unknown';
}

/** The writer of one change. */
export function writerOf(
  definition: ResourceDefinition,
  manager: string,
  subresource: string,
  nowMs: number,
): Writer & { readonly ownStatus: boolean } {
  return {
    manager,
    apiVersion: apiVersionOf(definition),
    subresource,
    time: formatTime(nowMs),
    ownStatus: 'status' in definition.subresources,
  };
}

/** A new custom object with its creator noted; others, and those that an apply makes, as they are. */
export function trackCreation(
  definition: ResourceDefinition,
  object: KubernetesObject,
  writer: () => Writer,
): KubernetesObject {
  const isTracked = customRulesOf(definition) !== undefined && (object.metadata.managedFields ?? []).length === 0;
  return isTracked ? trackUpdate(definition.schema, undefined, object, writer()) : object;
}

/** The next version with the change noted; a client that sends one empty entry resets all ownership, as upstream has it. */
export function trackChange(
  definition: ResourceDefinition,
  previous: Readonly<KubernetesObject>,
  next: KubernetesObject,
  writer: Writer,
): KubernetesObject {
  const [only, second] = next.metadata.managedFields ?? [];
  if (only !== undefined && second === undefined && Object.keys(only).length === 0) {
    delete next.metadata.managedFields;
    return next;
  }
  if ((previous.metadata.managedFields ?? []).length === 0) return next;
  return trackUpdate(definition.schema, previous as KubernetesObject, next, writer);
}
