// Which flow a request belongs to: the flow schema of lowest precedence number that matches who asks for what, and
// within it whoever the requests are told apart by. Pure.
import type { FlowSchema } from '../../../api/kinds/flowcontrol/index.ts';
import { serviceAccountOf, type User } from '../authentication/user.ts';
import type { RequestInfo } from '../request/request-info.ts';

type Rule = NonNullable<FlowSchema['spec']['rules']>[number];
type Subject = Rule['subjects'][number];

/** Sorts schemas by how they take precedence. */
export function byPrecedence(schemas: readonly Readonly<FlowSchema>[]): Readonly<FlowSchema>[] {
  const rank = ({ spec }: Readonly<FlowSchema>): number => spec.matchingPrecedence ?? 1000;
  return [...schemas].sort((a, b) => rank(a) - rank(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The first schema that matches. */
export function matchFlow(
  sorted: readonly Readonly<FlowSchema>[],
  info: RequestInfo,
  user: User,
): Readonly<FlowSchema> | undefined {
  return sorted.find(({ spec }) => spec.rules?.some((rule) => matchesRule(rule, info, user)));
}

/** What tells the flows of a schema apart: the user, the namespace, or nothing. */
export function distinguisherOf({ spec }: Readonly<FlowSchema>, info: RequestInfo, user: User): string {
  switch (spec.distinguisherMethod?.type) {
    case 'ByUser':
      return user.username;
    case 'ByNamespace':
      return info.isResource ? info.namespace : '';
    default:
      return '';
  }
}

function matchesRule(
  { subjects, resourceRules = [], nonResourceRules = [] }: Rule,
  info: RequestInfo,
  user: User,
): boolean {
  if (!subjects.some((subject) => matchesSubject(subject, user))) return false;
  if (!info.isResource)
    return nonResourceRules.some(
      ({ verbs, nonResourceURLs }) =>
        has(verbs, info.verb) && nonResourceURLs.some((url) => matchesUrl(url, info.path)),
    );
  const { verb, group, resource, subresource, namespace } = info;
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  return resourceRules.some(
    (rule) =>
      has(rule.verbs, verb) &&
      has(rule.apiGroups, group) &&
      has(rule.resources, name) &&
      (namespace === '' ? rule.clusterScope === true : has(rule.namespaces ?? [], namespace)),
  );
}

function matchesSubject({ kind, user: named, group, serviceAccount }: Subject, user: User): boolean {
  if (kind === 'User') return named?.name === '*' || named?.name === user.username;
  if (kind === 'Group') return group !== undefined && (group.name === '*' || user.groups.includes(group.name));
  const account = serviceAccountOf(user.username);
  if (account === undefined || serviceAccount === undefined) return false;
  const isNamed = serviceAccount.name === '*' || serviceAccount.name === account.name;
  return isNamed && serviceAccount.namespace === account.namespace;
}

function has(list: readonly string[], word: string): boolean {
  return list.includes('*') || list.includes(word);
}

function matchesUrl(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1));
}
