// What a write through a subresource may touch: everything outside is restored from the stored object.
import type { Container, Pod } from '../../../api/kinds/core/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { invalid } from '../../../api/meta/status.ts';
import type { ResourceDefinition } from '../served/definition.ts';
import { cloneJson } from './clone-json.ts';
import { stableJson } from './metadata.ts';

type Loose = Record<string, unknown>;
type Restore = (definition: ResourceDefinition, next: KubernetesObject, previous: Readonly<KubernetesObject>) => void;

/** Restores, in `next`, what the subresource does not own; then lets the kind's own rules have their say. */
export function restoreForSubresource(
  definition: ResourceDefinition,
  next: KubernetesObject,
  previous: Readonly<KubernetesObject>,
  subresource: string,
): void {
  bySubresource[subresource]?.(definition, next, previous);
}

const bySubresource: Readonly<Record<string, Restore>> = {
  ''(definition, next, previous) {
    if ('status' in definition.subresources) restore(next, previous, 'status');
    definition.prepareForUpdate?.(next, previous);
  },
  status(definition, next, previous) {
    restoreAllBut(next, previous, 'status');
    if (definition.plural === 'certificatesigningrequests') restoreConditions(next, previous, isDecision);
    definition.prepareForStatusUpdate?.(next, previous);
  },
  approval(_definition, next, previous) {
    const wanted = (next as { status?: { conditions?: Condition[] } }).status?.conditions ?? [];
    restoreAllBut(next, previous, '');
    const object = next as unknown as { status?: { conditions?: Condition[] } };
    object.status = { ...object.status, conditions: wanted };
    restoreConditions(next, previous, (condition) => !isDecision(condition));
  },
  ephemeralcontainers(_definition, next, previous) {
    const { ephemeralContainers = [] } = (next as Pod).spec;
    restoreAllBut(next, previous, '');
    const before = (previous as Pod).spec.ephemeralContainers ?? [];
    const kept = before.every((old) => ephemeralContainers.some((one) => stableJson(one) === stableJson(old)));
    if (!kept) refuse(next, 'spec.ephemeralContainers', 'existing ephemeral containers may not be changed or removed');
    const names = new Set(
      [...(previous as Pod).spec.containers, ...((previous as Pod).spec.initContainers ?? [])].map(({ name }) => name),
    );
    for (const one of ephemeralContainers)
      if (names.has(one.name)) refuse(next, 'spec.ephemeralContainers', `the name ${one.name} is taken`);
    (next as Pod).spec.ephemeralContainers = ephemeralContainers;
  },
  resize(_definition, next, previous) {
    const wanted = (next as Pod).spec;
    restoreAllBut(next, previous, '');
    const { spec } = next as Pod;
    const resize = (containers: Container[], from: readonly Container[]): void => {
      for (const container of containers) {
        const found = from.find(({ name }) => name === container.name);
        if (found === undefined) continue;
        container.resources = found.resources;
        container.resizePolicy = found.resizePolicy;
      }
    };
    resize(spec.containers, wanted.containers);
    resize(spec.initContainers ?? [], wanted.initContainers ?? []);
  },
};

interface Condition {
  readonly type: string;
}

function isDecision({ type }: Condition): boolean {
  return type === 'Approved' || type === 'Denied';
}

/** Conditions of one sort come from the stored object, the others from the writer. */
function restoreConditions(
  next: KubernetesObject,
  previous: Readonly<KubernetesObject>,
  isKept: (condition: Condition) => boolean,
): void {
  const to = next as { status?: { conditions?: Condition[] } };
  const from = previous as { status?: { conditions?: Condition[] } };
  const conditions = [
    ...(from.status?.conditions ?? []).filter(isKept),
    ...(to.status?.conditions ?? []).filter((condition) => !isKept(condition)),
  ];
  if (conditions.length > 0) to.status = { ...to.status, conditions };
}

function refuse(object: KubernetesObject, path: string, message: string): never {
  throw invalid(object.kind, object.metadata.name, [
    { path, reason: 'FieldValueForbidden', message: `Forbidden: ${message}` },
  ]);
}

function restore(next: KubernetesObject, previous: Readonly<KubernetesObject>, field: string): void {
  const to = next as unknown as Loose;
  const from = previous as unknown as Loose;
  if (from[field] === undefined) delete to[field];
  else to[field] = cloneJson(from[field]);
}

/** Metadata stays the writer's: labels, annotations and finalizers may change with the status. */
function restoreAllBut(next: KubernetesObject, previous: Readonly<KubernetesObject>, field: string): void {
  for (const key of new Set([...Object.keys(next), ...Object.keys(previous)])) {
    if (key === field || key === 'metadata' || key === 'apiVersion' || key === 'kind') continue;
    restore(next, previous, key);
  }
  restoreOwners(next, previous);
}

function restoreOwners(next: KubernetesObject, previous: Readonly<KubernetesObject>): void {
  if (previous.metadata.ownerReferences === undefined) delete next.metadata.ownerReferences;
  else next.metadata.ownerReferences = cloneJson(previous.metadata.ownerReferences);
}
