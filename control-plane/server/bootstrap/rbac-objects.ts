// The bootstrap roles and bindings as objects, and what an existing one lacks of them. Pure.
import {
  bootstrapBindings,
  bootstrapRoles,
  type BindingFacts,
  type RoleFacts,
} from '../authorization/bootstrap-roles.data.ts';
import { uncovered, type Rule } from '../authorization/rbac-rules.ts';

const group = 'rbac.authorization.k8s.io';
const autoupdate = 'rbac.authorization.kubernetes.io/autoupdate';
const aggregateLabel = (name: string): string => `rbac.authorization.k8s.io/aggregate-to-${name}`;

/** What a role or binding holds beside its name. */
export interface RbacBody {
  readonly metadata: { readonly annotations: Record<string, string>; readonly labels: Record<string, string> };
  readonly aggregationRule?: object;
  readonly rules?: readonly Rule[];
  readonly roleRef?: object;
  readonly subjects?: readonly Subject[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

/** A bootstrap object: where it lives and what it holds. */
export interface Wanted {
  readonly name: string;
  /** Empty for cluster-wide ones. */
  readonly namespace: string;
  readonly body: RbacBody;
}

/** Reads the table's short form of a rule. */
export function parseRule(text: string): Rule {
  const [verbs = '', groups = '', resources = '', names] = text.split(' ');
  if (groups === 'url') return { verbs: verbs.split(','), nonResourceURLs: resources.split(',') };
  const apiGroups = groups.split(',').map((name) => (name === 'core' ? '' : name));
  const rule = { verbs: verbs.split(','), apiGroups, resources: resources.split(',') };
  return names === undefined ? rule : { ...rule, resourceNames: names.split(',') };
}

/** Reads "Kind name"; service accounts are "ServiceAccount namespace/name". */
export function parseSubject(text: string): Subject {
  const space = text.indexOf(' ');
  const kind = text.slice(0, space);
  const name = text.slice(space + 1);
  if (kind !== 'ServiceAccount') return { kind, name, apiGroup: group };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, name: account, namespace };
}

/** Every bootstrap role, cluster-wide ones first. */
export function wantedRoles(): Wanted[] {
  return bootstrapRoles.map((facts: RoleFacts) => ({
    name: facts.name,
    namespace: facts.namespace ?? '',
    body: {
      metadata: metadataOf(facts.aggregatesInto),
      ...(facts.aggregates === undefined
        ? {}
        : {
            aggregationRule: {
              clusterRoleSelectors: [{ matchLabels: { [aggregateLabel(facts.aggregates)]: 'true' } }],
            },
          }),
      rules: facts.rules.map(parseRule),
    },
  }));
}

/** Every bootstrap binding. */
export function wantedBindings(): Wanted[] {
  return bootstrapBindings.map((facts: BindingFacts) => {
    const [kind = '', name = ''] = facts.role.split(' ');
    return {
      name: facts.name,
      namespace: facts.namespace ?? '',
      body: {
        metadata: metadataOf(undefined),
        roleRef: { apiGroup: group, kind, name },
        subjects: facts.subjects.map(parseSubject),
      },
    };
  });
}

function metadataOf(aggregatesInto: string | undefined): {
  annotations: Record<string, string>;
  labels: Record<string, string>;
} {
  const labels: Record<string, string> = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
  if (aggregatesInto !== undefined) labels[aggregateLabel(aggregatesInto)] = 'true';
  return { annotations: { [autoupdate]: 'true' }, labels };
}

interface Existing {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  rules?: readonly Rule[];
  subjects?: readonly Subject[];
}

/** Adds what an existing object lacks, unless its annotation forbids; answers whether anything was added. Nothing is removed. */
export function complete(existing: Existing, wanted: RbacBody): boolean {
  if (existing.metadata.annotations?.[autoupdate] === 'false') return false;
  let isChanged = false;
  const rules = uncovered(existing.rules ?? [], wanted.rules ?? []);
  if (rules.length > 0) {
    existing.rules = [...(existing.rules ?? []), ...rules];
    isChanged = true;
  }
  const key = ({ kind, name, namespace }: Subject): string => `${kind} ${namespace ?? ''}/${name}`;
  const present = new Set((existing.subjects ?? []).map(key));
  const subjects = (wanted.subjects ?? []).filter((subject) => !present.has(key(subject)));
  if (subjects.length > 0) {
    existing.subjects = [...(existing.subjects ?? []), ...subjects];
    isChanged = true;
  }
  return isChanged;
}
