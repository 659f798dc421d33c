// What a CRD's status says: names accepted or in conflict, established, terminating. Pure.
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../../api/kinds/apiextensions/index.ts';
import { approvalOf } from './api-approval.ts';
import type { ResourceDefinition } from '../served/definition.ts';

type Condition = Pick<CustomResourceDefinitionCondition, 'type' | 'status' | 'reason' | 'message'>;

/** Why the names cannot be had, if another resource of the group has one of them. */
export function namesTakenBy(
  crd: Readonly<CustomResourceDefinition>,
  others: readonly ResourceDefinition[],
): Condition | undefined {
  const { group, names } = crd.spec;
  const inGroup = others.filter((definition) => definition.group === group);
  const taken = new Set(inGroup.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]));
  const kinds = new Set(inGroup.flatMap(({ kind, listKind }) => [kind, listKind]));
  const refuse = (reason: string, name: string): Condition => ({
    type: 'NamesAccepted',
    status: 'False',
    reason,
    message: `${JSON.stringify(name)} is already in use`,
  });
  if (taken.has(names.plural)) return refuse('PluralConflict', names.plural);
  if (names.singular && taken.has(names.singular)) return refuse('SingularConflict', names.singular);
  const short = (names.shortNames ?? []).find((name) => taken.has(name));
  if (short !== undefined) return refuse('ShortNamesConflict', short);
  if (kinds.has(names.kind)) return refuse('KindConflict', names.kind);
  if (names.listKind && kinds.has(names.listKind)) return refuse('ListKindConflict', names.listKind);
  return undefined;
}

/** The status that a CRD should have; undefined when it has it. */
export function planStatus(
  crd: Readonly<CustomResourceDefinition>,
  conflict: Condition | undefined,
  now: string,
): CustomResourceDefinition['status'] | undefined {
  const wanted: Condition[] = [
    conflict ?? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    conflict === undefined
      ? {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
  ];
  if (crd.metadata.deletionTimestamp !== undefined) {
    wanted.push({
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionInProgress',
      message: 'CustomResource deletion is in progress',
    });
  }
  const approval = approvalCondition(crd);
  if (approval !== undefined) wanted.push(approval);
  const before = crd.status?.conditions ?? [];
  const conditions = [...before];
  for (const condition of wanted) {
    const index = conditions.findIndex(({ type }) => type === condition.type);
    const old = conditions[index];
    if (
      old !== undefined &&
      old.status === condition.status &&
      old.reason === condition.reason &&
      old.message === condition.message
    )
      continue;
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now;
    if (index === -1) conditions.push({ ...condition, lastTransitionTime });
    else conditions[index] = { ...condition, lastTransitionTime };
  }
  const storage = crd.spec.versions.find((version) => version.storage)?.name ?? '';
  const storedVersions = [...new Set([...(crd.status?.storedVersions ?? []), storage])];
  const acceptedNames =
    conflict === undefined ? crd.spec.names : (crd.status?.acceptedNames ?? { kind: '', plural: '' });
  const status = { ...crd.status, conditions, storedVersions, acceptedNames };
  return JSON.stringify(status) === JSON.stringify(crd.status) ? undefined : status;
}

/** For groups of the Kubernetes community: whether the API was approved, as its annotation says. */
function approvalCondition({ metadata, spec }: Readonly<CustomResourceDefinition>): Condition | undefined {
  const { state, reason: message } = approvalOf(metadata, spec.group);
  const type = 'KubernetesAPIApprovalPolicyConformant';
  switch (state) {
    case 'none':
      return undefined;
    case 'approved':
      return { type, status: 'True', reason: 'ApprovedAnnotation', message };
    case 'bypassed':
      return { type, status: 'False', reason: 'UnapprovedAnnotation', message };
    case 'missing':
      return { type, status: 'False', reason: 'MissingAnnotation', message };
    case 'bad':
      return { type, status: 'False', reason: 'InvalidAnnotation', message };
  }
}

/** Whether the CRD's resources are served. */
export function isEstablished(crd: Readonly<CustomResourceDefinition>): boolean {
  return (crd.status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True');
}
