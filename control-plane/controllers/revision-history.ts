// ControllerRevisions: the past templates of StatefulSets and DaemonSets, which `kubectl rollout history` and `undo`
// read. Equal templates share a revision; one that comes back gets a new number. The planning is pure.
import type { ControllerRevision } from '../../api/kinds/apps/index.ts';
import type { PodTemplateSpec } from '../../api/kinds/core/index.ts';
import type { LabelSelector } from '../../api/kinds/meta/index.ts';
import type { Draft, KubernetesObject } from '../../api/meta/object-meta.ts';
import type { ControllerContext } from './context.ts';
import { controllerRevisions } from '../../api/kinds/apps/index.ts';
import { isApiError } from '../../api/meta/status.ts';
import { ownerIndexes } from './ownership.ts';
import { controllerRefOf, hashOf } from './pod-template.ts';
import { isSame } from './same.ts';

export const revisionHashLabel = 'controller-revision-hash';

export interface Revisioned extends KubernetesObject {
  spec: { template: PodTemplateSpec; selector: LabelSelector; revisionHistoryLimit?: number };
  status?: { collisionCount?: number };
}

export interface RevisionPlan {
  /** The revision of the present template: one that exists, one whose number rises, or one to make. */
  present:
    | { existing: Readonly<ControllerRevision> }
    | { renumber: ControllerRevision }
    | { create: Draft<ControllerRevision> };
  /** Revisions that nobody uses and that the history has no room for. */
  expired: Readonly<ControllerRevision>[];
}

/** @param isUsed whether a pod, or the owner's status, still refers to a revision by this name */
export function planRevisions(
  owner: Readonly<Revisioned>,
  known: readonly Readonly<ControllerRevision>[],
  isUsed: (name: string) => boolean,
): RevisionPlan {
  const data = dataOf(owner.spec.template);
  const sorted = [...known].sort(byRevision);
  const highest = sorted.at(-1)?.revision ?? 0;
  const equal = sorted.filter((revision) => isSame(revision.data, data)).at(-1);
  const past = sorted.filter((revision) => revision !== equal && !isUsed(revision.metadata.name));
  const expired = past.slice(0, Math.max(past.length - (owner.spec.revisionHistoryLimit ?? 10), 0));
  if (equal) {
    if (equal.revision === highest) return { present: { existing: equal }, expired };
    return { present: { renumber: { ...equal, revision: highest + 1 } }, expired };
  }
  const hash = hashOf(data, owner.status?.collisionCount ?? 0);
  const create: Draft<ControllerRevision> = {
    metadata: {
      name: `${owner.metadata.name}-${hash}`,
      namespace: owner.metadata.namespace,
      labels: { ...owner.spec.template.metadata?.labels, [revisionHashLabel]: hash },
      annotations: { ...owner.metadata.annotations },
      ownerReferences: [controllerRefOf(owner)],
    },
    data,
    revision: highest + 1,
  };
  return { present: { create }, expired };
}

/** The patch that brings a template back. Its members are in order: upstream's clients compare its bytes. */
function dataOf(template: Readonly<PodTemplateSpec>): object {
  return inOrder({ spec: { template: { ...template, $patch: 'replace' } } }) as object;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, inOrder(member)]));
}

export function byRevision(a: Readonly<ControllerRevision>, b: Readonly<ControllerRevision>): number {
  return a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** The template that a revision holds. */
export function templateOf(revision: Readonly<ControllerRevision>): PodTemplateSpec | undefined {
  const { template } =
    (revision.data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined)?.spec ?? {};
  if (template === undefined) return undefined;
  const { $patch: _patch, ...rest } = template;
  return rest;
}

export interface RevisionHistory {
  of(owner: Readonly<KubernetesObject>): Readonly<ControllerRevision>[];
  /** Makes sure that the present template has the latest revision, and returns it with all others. */
  sync(
    owner: Readonly<Revisioned>,
  ): Promise<{ present: Readonly<ControllerRevision>; all: Readonly<ControllerRevision>[] }>;
  /** Deletes what the history has no room for. */
  trim(owner: Readonly<Revisioned>, isUsed: (name: string) => boolean): Promise<void>;
}

export function createRevisionHistory(context: ControllerContext): RevisionHistory {
  const { client, informers, signal } = context;
  const informer = informers.of(controllerRevisions, ownerIndexes);
  const of = (owner: Readonly<KubernetesObject>): Readonly<ControllerRevision>[] =>
    informer.byIndex('controller', owner.metadata.uid).sort(byRevision);
  return {
    of,
    async sync(owner) {
      const known = of(owner);
      const { present } = planRevisions(owner, known, () => true);
      if ('existing' in present) return { present: present.existing, all: known };
      const api = client.resource(controllerRevisions, owner.metadata.namespace);
      if ('renumber' in present) {
        const updated = await api.update(present.renumber, { signal });
        return {
          present: updated,
          all: known.map((one) => (one.metadata.uid === updated.metadata.uid ? updated : one)).sort(byRevision),
        };
      }
      try {
        const created = await api.create(present.create, { signal });
        return { present: created, all: [...known, created] };
      } catch (error) {
        if (!isApiError(error, 'AlreadyExists')) throw error;
        // Our own, not yet in the cache; anything else is a collision, which the owner's count of them will avoid.
        const existing = await api.get(present.create.metadata.name ?? '', { signal });
        if (!isSame(existing.data, present.create.data)) throw error;
        return { present: existing, all: [...known, existing] };
      }
    },
    async trim(owner, isUsed) {
      const api = client.resource(controllerRevisions, owner.metadata.namespace);
      for (const { metadata } of planRevisions(owner, of(owner), isUsed).expired) {
        await api.delete(metadata.name, { preconditions: { uid: metadata.uid }, signal }).catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error;
        });
      }
    },
  };
}
