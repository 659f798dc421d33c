// Any object as its page shows it: what the server prints of it, its conditions, and what can be done to it. Pure.
import type { ConditionView, ObjectAction, ObjectDetail, ObjectRef } from '../../../api/console/index.ts';
import type { TableColumnView, TableRowView } from '../../../api/console/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { conditionsOf, timeOf } from '../projections/read.ts';

interface Loose extends KubernetesObject {
  readonly spec?: { replicas?: unknown; suspend?: unknown };
  readonly status?: { conditions?: unknown };
}

const longestAnnotation = 2000;
const podOwners = new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Deployment', 'ReplicationController']);

/** The reference to an object. */
export function refOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef {
  return { apiVersion, kind, namespace: metadata.namespace || undefined, name: metadata.name };
}

/** What may be done to an object of this kind in its present state. */
export function actionsOf({ apiVersion, kind, spec }: Loose): ObjectAction[] {
  const group = apiVersion.split('/')[0];
  const actions: ObjectAction[] = [];
  if (group === 'apps') {
    if (kind !== 'DaemonSet' && kind !== 'ControllerRevision') actions.push('scale');
    if (kind === 'StatefulSet' || kind === 'DaemonSet' || kind === 'Deployment') actions.push('restart');
    if (kind === 'StatefulSet' || kind === 'DaemonSet') actions.push('rollback');
  } else if (group === 'batch') {
    if (kind === 'CronJob') actions.push('trigger');
    if (kind === 'CronJob' || kind === 'Job') actions.push(spec?.suspend === true ? 'resume' : 'suspend');
  } else if (kind === 'ReplicationController') actions.push('scale');
  return actions;
}

function readConditions(object: Loose): ConditionView[] {
  const { conditions } = object.status ?? {};
  if (!Array.isArray(conditions)) return [];
  return conditionsOf(
    conditions.filter(
      (one): one is { type: string; status: string } =>
        typeof one === 'object' && one !== null && 'type' in one && 'status' in one,
    ),
  );
}

function cut(annotations: Readonly<Record<string, string>> | undefined, hide: boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations ?? {})
      .filter(([key]) => !(hide && key === 'kubectl.kubernetes.io/last-applied-configuration'))
      .map(([key, value]) => [key, value.length > longestAnnotation ? `${value.slice(0, longestAnnotation)}…` : value]),
  );
}

/** The page of an object; `printed` is its row in the server's table, when there is one. */
export function objectDetail(
  object: KubernetesObject,
  printed: { readonly columns: readonly TableColumnView[]; readonly row: TableRowView } | undefined,
): ObjectDetail {
  const { metadata, kind } = object;
  const { spec } = object as Loose;
  const facts = (printed?.columns ?? []).flatMap(({ name, type }, index) => {
    const cell = printed?.row.cells[index];
    if (type === 'age' || index === 0 || cell === null || cell === undefined || cell === '') return [];
    return [{ label: name, value: String(cell) }];
  });
  return {
    object: refOf(object),
    uid: metadata.uid,
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
    deletingSince: timeOf(metadata.deletionTimestamp),
    labels: metadata.labels ?? {},
    annotations: cut(metadata.annotations, kind === 'Secret'),
    finalizers: metadata.finalizers ?? [],
    conditions: readConditions(object as Loose),
    facts,
    actions: actionsOf(object as Loose),
    replicas: typeof spec?.replicas === 'number' ? spec.replicas : undefined,
    podOwner: podOwners.has(kind) ? { kind, name: metadata.name } : undefined,
  };
}
