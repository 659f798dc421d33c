// Revisions of StatefulSets and DaemonSets, as their controllers keep them: ControllerRevisions whose data is the patch
// that brings the pod template back (pkg/controller/history). Pure.
import { stringify } from 'yaml';
import type { ControllerRevisionView, RevisionComparison } from '../../../api/console/index.ts';
import type { ControllerRevision } from '../../../api/kinds/apps/index.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { timeOf } from '../projections/read.ts';
import { ServiceError } from '../errors.ts';

interface TemplatePatch {
  readonly spec?: { readonly template?: Record<string, unknown> & { spec?: { containers?: { image?: string }[] } } };
}

interface Revisioned extends KubernetesObject {
  readonly spec?: { template?: unknown };
}

/** The revisions that an object controls, newest first. */
export function ownRevisions(
  owner: KubernetesObject,
  revisions: readonly ControllerRevision[],
): readonly ControllerRevision[] {
  return revisions
    .filter(({ metadata }) => metadata.ownerReferences?.some((one) => one.controller && one.uid === owner.metadata.uid))
    .toSorted((left, right) => right.revision - left.revision);
}

/** The pod template a revision brings, without the marks of its patch. */
export function templateOfRevision(revision: ControllerRevision): Record<string, unknown> {
  const { template } = (revision.data as TemplatePatch | undefined)?.spec ?? {};
  if (template === undefined) throw new ServiceError('Invalid', `Revision ${revision.revision} holds no pod template.`);
  const { $patch: _mark, ...rest } = template;
  return rest;
}

/** Rows for the revision list; the newest revision is the one wanted now. */
export function revisionViews(
  owner: KubernetesObject,
  revisions: readonly ControllerRevision[],
): ControllerRevisionView[] {
  return ownRevisions(owner, revisions).map((one, index) => ({
    revision: one.revision,
    name: one.metadata.name,
    current: index === 0,
    images: ((one.data as TemplatePatch | undefined)?.spec?.template?.spec?.containers ?? []).map(
      ({ image }) => image ?? '',
    ),
    createdAt: timeOf(one.metadata.creationTimestamp) ?? 0,
  }));
}

/** The revision by its number, or a ServiceError that it is gone. */
export function findControllerRevision(
  owner: KubernetesObject,
  revisions: readonly ControllerRevision[],
  revision: number,
): ControllerRevision {
  const found = ownRevisions(owner, revisions).find((one) => one.revision === revision);
  if (found === undefined) {
    throw new ServiceError('NotFound', `Revision ${revision} of ${owner.metadata.name} is no longer kept.`);
  }
  return found;
}

/** The present template and the one a rollback would bring, as YAML. */
export function compareRevision(
  owner: Revisioned,
  revisions: readonly ControllerRevision[],
  revision: number,
): RevisionComparison {
  const [newest] = ownRevisions(owner, revisions);
  const yaml = (template: unknown): string => stringify(template, { lineWidth: 0, sortMapEntries: true });
  return {
    from: { revision: newest?.revision ?? 0, yaml: yaml(owner.spec?.template ?? {}) },
    to: { revision, yaml: yaml(templateOfRevision(findControllerRevision(owner, revisions, revision))) },
  };
}
